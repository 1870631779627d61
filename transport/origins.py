"""Which pages may open a socket. The rule of CORS does not hold for sockets: any page may try, and we have to look."""

from collections.abc import Sequence

from starlette.datastructures import Headers


def may_connect(headers: Headers, origins: Sequence[str]) -> bool:
    """Whether a handshake comes from a page of our own, from one of `origins`, or from a program, which names none.

    A page's scheme is not compared with ours: whatever takes off TLS in front of us would make it another.
    """
    origin = headers.get("origin")
    if origin is None or origin in origins:
        return True
    _, separator, host = origin.partition("://")
    return bool(separator) and host == headers.get("host")
