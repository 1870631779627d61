"""Requests to addresses that others named reach the public internet, and nothing else."""

import asyncio
import time
from ipaddress import ip_address
from pathlib import Path

import pytest

from core.addresses import PUBLIC, AddressRules, UnfitURL, is_public
from core.errors import StartError
from core.outbound import LARGEST_ANSWER, Outbound, OutboundError, Resolve
from core.settings import Settings
from tests.core.certificates import certificate
from tests.jobs.receiver import Receiver, receiving

ANYWHERE = AddressRules(private=True)

PRIVATE = """
    0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8
    192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254
    64:ff9b::a00:1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::
    2001:0:0:0:0:0:f5ff:fffe fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 5f00::1 3fff::1 ::127.0.0.1
"""
OPEN = "1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 2606:4700:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808"


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not PUBLIC.allow(address)


@pytest.mark.parametrize("address", OPEN.split())
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert PUBLIC.allow(address)


def test_what_is_no_address_is_not_allowed() -> None:
    assert not PUBLIC.allow("localhost")
    assert not PUBLIC.allow("fe80::1%eth0")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "https://",
        "https:///path",
        "//hooks.example.com/",
        "hooks.example.com",
        "https://user@hooks.example.com/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/#fragment",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:port/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks example.com/",
        "https://hooks.example.com/\r\nhost: evil",
        "https://höoks.example.com/",
        "https://[::1",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://hooks.example.com/" + "x" * 500,
    ],
)
def test_a_url_that_nothing_is_sent_to(url: str) -> None:
    with pytest.raises(UnfitURL):
        PUBLIC.check_url(url)


def test_a_url_that_something_may_be_sent_to() -> None:
    for url in ("https://hooks.example.com/in?x=1", "https://hooks.example.com:8443/", "https://8.8.8.8/"):
        assert PUBLIC.check_url(url) == url
    assert ANYWHERE.check_url("http://127.0.0.1:8000/hooks")


def test_private_addresses_are_refused_in_production() -> None:
    with pytest.raises(StartError, match="C360_WEBHOOK_PRIVATE"):
        AddressRules.of(Settings(env="production", webhook_private=True))
    assert AddressRules.of(Settings(webhook_private=True)).private


def resolver(*answers: list[str]) -> tuple[Resolve, list[str]]:
    """A resolver that answers each question as given, the last answer for ever, and what it was asked."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


async def refused(outbound: Outbound, url: str, seconds: float = 5.0) -> str:
    """The code of the error."""
    with pytest.raises(OutboundError) as caught:
        await outbound.post(url, {}, b"{}", seconds=seconds)
    return caught.value.code


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::ffff:127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["127.0.0.1", "1.1.1.1"], ["169.254.169.254"]],
)
async def test_a_name_of_an_inner_address_is_not_connected_to(tmp_path: Path, addresses: list[str]) -> None:
    server, client = certificate(tmp_path, "hooks.example.com")
    resolve, _ = resolver(addresses)
    async with receiving(server) as receiver, Outbound(PUBLIC, resolve=resolve, ssl_context=client) as outbound:
        assert await refused(outbound, f"https://hooks.example.com:{receiver.port}/") == "ADDRESS_REFUSED"
        await asyncio.sleep(0.1)
        assert receiver.connections == 0


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "[::ffff:7f00:1]"])
async def test_other_spellings_of_an_inner_address_are_seen_through(host: str) -> None:
    async with receiving() as receiver, Outbound(PUBLIC) as outbound:
        assert await refused(outbound, f"https://{host}:{receiver.port}/") in ("ADDRESS_REFUSED", "NAME_UNKNOWN")
        assert receiver.connections == 0


async def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "hooks.example.com")
    # Whoever asked a second time would be led elsewhere.
    resolve, asked = resolver(["127.0.0.1"], ["127.0.0.99"])
    async with receiving(server) as receiver, Outbound(ANYWHERE, resolve=resolve, ssl_context=client) as outbound:
        url = f"https://hooks.example.com:{receiver.port}/in"
        assert (await outbound.post(url, {"x": "y"}, b"{}", seconds=5)).status == 200
        assert asked == ["hooks.example.com"]
        assert receiver.got[0].headers["host"] == f"hooks.example.com:{receiver.port}"
        assert receiver.got[0].peer == "127.0.0.1"


async def test_a_name_that_changes_its_mind_is_refused_at_the_next_connection(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "hooks.example.com")
    # Public when it was looked at first, inner when it is connected to: nothing but what is connected to counts.
    resolve, asked = resolver(["127.0.0.1"])
    async with receiving(server) as receiver, Outbound(PUBLIC, resolve=resolve, ssl_context=client) as outbound:
        url = f"https://hooks.example.com:{receiver.port}/in"
        assert PUBLIC.check_url(url) == url
        assert await refused(outbound, url) == "ADDRESS_REFUSED"
        assert (len(asked), receiver.connections) == (1, 0)


async def test_the_certificate_must_be_of_the_name_and_of_somebody_trusted(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "hooks.example.com")
    resolve, _ = resolver(["127.0.0.1"])
    async with receiving(server) as receiver:
        async with Outbound(ANYWHERE, resolve=resolve, ssl_context=client) as outbound:
            assert await refused(outbound, f"https://other.example.com:{receiver.port}/") == "TLS_FAILED"
        async with Outbound(ANYWHERE, resolve=resolve) as outbound:
            assert await refused(outbound, f"https://hooks.example.com:{receiver.port}/") == "TLS_FAILED"
        assert receiver.got == []


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with receiving() as inner, receiving() as receiver, Outbound(ANYWHERE) as outbound:
        receiver.raw_answer = f"HTTP/1.1 307 X\r\nlocation: {inner.url}\r\ncontent-length: 0\r\n\r\n".encode()
        assert (await outbound.post(receiver.url, {}, b"{}", seconds=5)).status == 307
        assert inner.connections == 0


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        async with Outbound(ANYWHERE) as outbound:
            await outbound.post(receiver.url, {}, b"{}", seconds=5)
        assert (len(receiver.got), proxy.connections) == (1, 0)


async def test_an_answer_without_an_end_is_left(receiver: Receiver) -> None:
    receiver.raw_answer = b"HTTP/1.1 200 X\r\ncontent-length: 99999999\r\n\r\n" + b"x" * (LARGEST_ANSWER * 4)
    async with Outbound(ANYWHERE) as outbound:
        assert (await outbound.post(receiver.url, {}, b"{}", seconds=5)).status == 200


async def test_headers_without_an_end_are_refused(receiver: Receiver) -> None:
    receiver.raw_answer = b"HTTP/1.1 200 X\r\nx: " + b"x" * 1_000_000
    async with Outbound(ANYWHERE) as outbound:
        assert await refused(outbound, receiver.url) == "NOT_HTTP"


async def test_time_is_limited_in_all(receiver: Receiver) -> None:
    receiver.decide = lambda got: 0
    async with Outbound(ANYWHERE) as outbound:
        begun = time.monotonic()
        assert await refused(outbound, receiver.url, seconds=0.5) == "TIMEOUT"
        assert time.monotonic() - begun < 3


async def test_what_goes_wrong_has_a_code(receiver: Receiver) -> None:
    async def nothing(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async with Outbound(ANYWHERE, resolve=nothing) as outbound:
        assert await refused(outbound, "https://hooks.example.com/") == "NAME_UNKNOWN"
    async with Outbound(ANYWHERE) as outbound:
        assert await refused(outbound, "http://127.0.0.1:1/") == "CONNECTION_FAILED"
        receiver.raw_answer = b"SMTP ready\r\n\r\n"
        assert await refused(outbound, receiver.url) == "NOT_HTTP"
        assert await refused(outbound, "ftp://127.0.0.1/") == "ADDRESS_REFUSED"
