import stat
from pathlib import Path

import pytest

from models.errors import UsageError
from voicebot.wiring import KEY_BYTES, token_secret


def test_every_process_on_a_home_gets_the_same_key(tmp_path: Path) -> None:
    key = token_secret(tmp_path / "home")

    assert len(key) == KEY_BYTES
    assert token_secret(tmp_path / "home") == key
    assert token_secret(tmp_path / "another home") != key


def test_home_and_key_are_their_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    token_secret(home)

    (key,) = home.iterdir()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [0, 1, KEY_BYTES - 1])
def test_a_key_that_lost_bytes_is_refused_until_it_is_deleted(tmp_path: Path, left: int) -> None:
    key = token_secret(tmp_path)
    path = tmp_path / "stream-token.key"
    path.write_bytes(key[:left])

    with pytest.raises(UsageError, match=f"^{path} holds {left} bytes .* delete it") as raised:
        token_secret(tmp_path)
    assert "\n" not in str(raised.value)

    path.unlink()
    assert len(token_secret(tmp_path)) == KEY_BYTES


def test_a_home_that_is_a_file_is_named_as_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")

    with pytest.raises(UsageError, match=f"^{home} is a file: set VOICEBOT_HOME to a folder$"):
        token_secret(home)
    with pytest.raises(UsageError, match=f"^{home / 'deeper'} lies under a file: set VOICEBOT_HOME to a folder$"):
        token_secret(home / "deeper")


def test_a_home_that_cannot_be_written_says_what_to_set() -> None:
    with pytest.raises(UsageError, match="^cannot keep a key in /proc/voicebot: .*; set VOICEBOT_HOME to a writable"):
        token_secret(Path("/proc/voicebot"))
