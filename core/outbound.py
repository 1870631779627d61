"""Requests to addresses that others named, such as webhooks: nothing inside our own network can be reached by them.

Only https, and only public addresses. The name is resolved once, all its addresses are checked, and the connection goes
to one that was checked: a name that answers differently the second time (DNS rebinding) gains nothing. Redirects are
not followed, no proxy of the environment is used, and time and size of an answer are limited.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Self

import httpcore

from core.addresses import AddressRules, UnfitURL

# What is read of an answer; nothing in it matters but the status.
LARGEST_ANSWER = 64 * 1024
_KEPT_SECONDS = 30.0
_MOST_CONNECTIONS = 100

# The addresses of a host name. Raises OSError when it has none.
Resolve = Callable[[str, int], Awaitable[list[str]]]


class OutboundError(Exception):
    """A request that got no answer. `code` says why: nothing of the host's own words is in it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host name, by the system's resolver. Raises OSError when it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, rules: AddressRules, resolve: Resolve) -> None:
        self._rules = rules
        self._resolve = resolve
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (the interface of httpcore)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check all, connect to the first that answers."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise OutboundError("NAME_UNKNOWN") from None
        # One that is refused refuses all: a name that is public and private at once is up to something.
        if not all(map(self._rules.allow, addresses)):
            raise OutboundError("ADDRESS_REFUSED")
        failure: Exception = OutboundError("NAME_UNKNOWN")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  (the interface of httpcore)
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise OutboundError("ADDRESS_REFUSED")

    async def sleep(self, seconds: float) -> None:
        """As httpcore asks for it."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and how many seconds the host asks to be left alone, if it says so."""

    status: int
    retry_after: int | None = None


class Outbound:
    """Sends requests. Use as an async context manager; for any number of tasks of one event loop."""

    def __init__(
        self, rules: AddressRules, *, resolve: Resolve = resolve, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        """`resolve` and `ssl_context` are the system's unless given."""
        self.rules = rules
        self._stack = AsyncExitStack()
        self._connections = httpcore.AsyncConnectionPool(
            ssl_context or ssl.create_default_context(),
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_CheckedBackend(rules, resolve),
        )

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._connections)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def post(self, url: str, headers: dict[str, str], content: bytes, *, seconds: float) -> Answer:
        """POST, and the answer within so many seconds in all, whatever its status. Raises OutboundError."""
        try:
            self.rules.check_url(url)
            async with asyncio.timeout(seconds):
                return await self._post(url, headers, content)
        except UnfitURL:
            raise OutboundError("ADDRESS_REFUSED") from None
        except (TimeoutError, httpcore.TimeoutException):
            raise OutboundError("TIMEOUT") from None
        except httpcore.ConnectError as error:
            raise OutboundError("TLS_FAILED" if _is_of_tls(error) else "CONNECTION_FAILED") from None
        except httpcore.NetworkError:
            raise OutboundError("CONNECTION_LOST") from None
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            raise OutboundError("NOT_HTTP") from None

    async def _post(self, url: str, headers: dict[str, str], content: bytes) -> Answer:
        async with self._connections.stream("POST", url, headers=list(headers.items()), content=content) as response:
            answer = Answer(response.status, _seconds(response.headers))
            size = 0
            # Read to the end so that the connection can be used again; left unread, it is closed.
            async for part in response.aiter_stream():
                size += len(part)
                if size > LARGEST_ANSWER:
                    break
        return answer


def _is_of_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _seconds(headers: list[tuple[bytes, bytes]] | Any) -> int | None:
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit() and len(value) <= 6:
            return int(value)
    return None
