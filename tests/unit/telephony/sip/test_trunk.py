import pytest

from models.errors import UsageError
from telephony.sip import SipTrunk


@pytest.mark.parametrize(
    ("domain", "transport", "host", "port"),
    [
        ("pbx.example.com", "udp", "pbx.example.com", 5060),
        ("pbx.example.com", "tls", "pbx.example.com", 5061),
        ("192.0.2.7:5080", "tcp", "192.0.2.7", 5080),
        ("[2001:db8::7]:5080", "udp", "2001:db8::7", 5080),
    ],
)
def test_where_a_server_is(domain, transport, host, port):
    trunk = SipTrunk("engine", domain, transport=transport)
    assert (trunk.host, trunk.port) == (host, port)


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"domain": ""}, "VOICEBOT_SIP_DOMAIN"),
        ({"domain": "sip:pbx.example.com"}, "VOICEBOT_SIP_DOMAIN"),
        ({"domain": "pbx.example.com/calls"}, "VOICEBOT_SIP_DOMAIN"),
        ({"domain": "pbx.example.com:sip"}, "VOICEBOT_SIP_DOMAIN"),
        ({"domain": "pbx.example.com:65536"}, "VOICEBOT_SIP_DOMAIN"),
        ({"domain": "pbx.example.com\r\nContact: x"}, "VOICEBOT_SIP_DOMAIN"),
        ({"user": ""}, "VOICEBOT_SIP_USER"),
        ({"user": "engine@pbx"}, "VOICEBOT_SIP_USER"),
        ({"user": "engine;x"}, "VOICEBOT_SIP_USER"),
        ({"listen": "192.0.2.7"}, "VOICEBOT_SIP_LISTEN"),
        ({"listen": ":5060"}, "VOICEBOT_SIP_LISTEN"),
        ({"password": 'a"b'}, "password"),
        ({"password": "a\\b"}, "password"),
    ],
)
def test_what_the_stack_would_misread_is_named(changes, setting):
    with pytest.raises(UsageError, match=setting):
        SipTrunk(**{"user": "engine", "domain": "pbx.example.com"} | changes)


def test_certificates_that_are_none(tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate")
    for file in (tmp_path / "missing.pem", tmp_path, empty):
        with pytest.raises(UsageError, match="VOICEBOT_SIP_CA_FILE"):
            SipTrunk("engine", "pbx.example.com", ca_file=file)


def test_the_password_is_not_printed():
    assert "hunter2" not in repr(SipTrunk("engine", "pbx.example.com", "hunter2"))
