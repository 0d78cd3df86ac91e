from ipaddress import ip_address, ip_network

import pytest

from models.errors import UsageError
from voicebot.settings import load
from voicebot.webhooks.address import allowed, check_url

OWN = (ip_network("10.20.0.0/16"), ip_network("fd00:20::/32"))
INSIDE = {
    "loopback": "127.0.0.1",
    "all of loopback": "127.99.0.1",
    "loopback, IPv6": "::1",
    "this host": "0.0.0.0",
    "this host, IPv6": "::",
    "private, 10": "10.0.0.1",
    "private, 172": "172.31.255.255",
    "private, 192": "192.168.1.1",
    "unique local": "fd12:3456::1",
    "link-local": "169.254.7.7",
    "link-local, IPv6": "fe80::1",
    "link-local with its interface": "fe80::1%eth0",
    "site-local": "fec0::1",
    "shared by a carrier's customers": "100.64.0.1",
    "multicast": "224.0.0.1",
    "multicast, globally": "233.252.0.5",
    "multicast, IPv6": "ff0e::1",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "documentation": "203.0.113.5",
    "IPv4 in IPv6": "::ffff:10.0.0.1",
    "IPv4 in IPv6, loopback": "::ffff:127.0.0.1",
    "IPv4-compatible": "::10.0.0.1",
    "6to4": "2002:0a00:0001::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "NAT64": "64:ff9b::10.0.0.1",
    "NAT64, local": "64:ff9b:1::10.0.0.1",
    "metadata of AWS, GCP, Azure": "169.254.169.254",
    "metadata of AWS, IPv6": "fd00:ec2::254",
    "metadata of Alibaba": "100.100.100.200",
    "metadata of Oracle": "192.0.0.192",
    "Azure's own": "168.63.129.16",
}
OUTSIDE = (
    "93.184.215.14",
    "8.8.8.8",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "172.32.0.1",
    "11.0.0.1",
)


@pytest.mark.parametrize("address", INSIDE.values(), ids=INSIDE.keys())
def test_nothing_is_sent_inside(address: str) -> None:
    assert not allowed(ip_address(address), ())


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_internet_gets_it_encrypted(address: str) -> None:
    assert allowed(ip_address(address), ())
    assert not allowed(ip_address(address), OWN, plain=True)


@pytest.mark.parametrize("address", ["10.20.3.4", "fd00:20::5", "::ffff:10.20.3.4"])
def test_a_network_that_the_operator_names_gets_it_either_way(address: str) -> None:
    assert allowed(ip_address(address), OWN)
    assert allowed(ip_address(address), OWN, plain=True)
    assert not allowed(ip_address("10.21.0.1"), OWN)


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("http://hr.example.com/", "https://"),
        ("ftp://hr.example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("hr.example.com", "https://"),
        ("", "https://"),
        ("https://", "https://"),
        ("https://[::1", "not a URL"),
        ("https://hr.example.com:99999/", "not a URL"),
        ("https://hr.example.com:port/", "not a URL"),
        ("https://user:secret@hr.example.com/", "user and password"),
        ("https://hr.example.com/#part", "fragment"),
        ("https://hr.example.com/a b", "blank"),
        ("https://hr.example.com/\r\nHost: x", "blank"),
        ("https://例子.example/", "ASCII"),
        ("https://hr.example.com/" + "a" * 2000, "2000"),
        ("https://127.0.0.1/", "VOICEBOT_WEBHOOK_NETWORKS"),
        ("https://[::ffff:192.168.0.1]/", "VOICEBOT_WEBHOOK_NETWORKS"),
        ("https://169.254.169.254/latest/meta-data/", "VOICEBOT_WEBHOOK_NETWORKS"),
    ],
)
def test_a_url_that_cannot_be_meant_says_what_to_mend(url: str, mend: str) -> None:
    with pytest.raises(UsageError, match=mend) as refused:
        check_url(url, ())
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://hr.example.com/voicebot?tenant=3", "https://hr.example.com:8443", "https://8.8.8.8/"]
)
def test_a_url_on_the_internet_is_taken(url: str) -> None:
    check_url(url, ())


def test_plain_http_is_for_named_networks() -> None:
    check_url("http://10.20.0.9:8080/hooks", OWN)
    check_url("http://ehr.internal/hooks", OWN)  # where it leads is looked at when it is sent to
    with pytest.raises(UsageError, match="plain http"):
        check_url("http://8.8.8.8/", OWN)


def test_the_setting_names_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_WEBHOOK_NETWORKS", "10.20.0.0/16, fd00:20::/32")
    assert load().webhook_networks == OWN
    monkeypatch.setenv("VOICEBOT_WEBHOOK_NETWORKS", "")
    assert load().webhook_networks == ()
    monkeypatch.setenv("VOICEBOT_WEBHOOK_NETWORKS", "10.20.0.1/16")
    with pytest.raises(UsageError, match=r"VOICEBOT_WEBHOOK_NETWORKS='10.20.0.1/16'.*host bits"):
        load()
