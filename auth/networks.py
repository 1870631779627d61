"""Networks: where administrators may come from, and how an address is counted."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

# What one household or firm has of IPv6: whoever has one address of it has all.
_IPV6_SHARE = 64


def networks(names: Iterable[str]) -> tuple[Network, ...]:
    """The networks with these names, such as 10.1.0.0/16. Raises ValueError naming the one that is none."""
    return tuple(ip_network(name) for name in names)


def is_within(address: str | None, allowed: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in allowed)


def counted_as(address: str) -> str:
    """The name under which an address is counted: itself, and of IPv6 the network it shares with its neighbours."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, _IPV6_SHARE), strict=False))
    return address if parsed is None else str(parsed)


def _parsed(address: str | None) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    # A socket for both kinds shows IPv4 addresses within IPv6.
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
