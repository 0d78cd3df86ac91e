import base64
import hashlib
import hmac

from voicebot.webhooks.signature import headers, new_secret

VECTOR = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The secret, id, time and body of the specification's reference libraries' tests, with their signature."""


def test_it_signs_as_the_specification_s_libraries_verify() -> None:
    signed = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [VECTOR], 1614265330)
    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_rotated_both_sign() -> None:
    old, new = new_secret(), new_secret()
    signatures = headers("evt_1", b"{}", [new, old], 7)["webhook-signature"].split(" ")
    for secret, signature in zip([new, old], signatures, strict=True):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = hmac.new(key, b"evt_1.7.{}", hashlib.sha256).digest()
        assert signature == "v1," + base64.b64encode(expected).decode()


def test_secrets_are_long_and_different() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64 for secret in made)
