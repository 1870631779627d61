"""Which addresses requests may go to that others named, such as webhooks: none inside our own network (SSRF)."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from core.errors import StartError
from core.settings import Settings

LONGEST_URL = 500

Address = IPv4Address | IPv6Address

# What `is_global` of Python 3.11 lets through and is no address of somebody's server.
_NOT_PUBLIC = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "fec0::/10", "3fff::/20", "5f00::/16"))
)
_NAT64 = ip_network("64:ff9b::/96")


class UnfitURL(ValueError):
    """A URL that nothing is sent to; the message says why."""


@dataclass(frozen=True, slots=True)
class AddressRules:
    """Where requests may go; `private`: anywhere, also without TLS. For development alone."""

    private: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "AddressRules":
        """By the settings. Raises StartError for C360_WEBHOOK_PRIVATE in production."""
        if settings.webhook_private and settings.env == "production":
            raise StartError("C360_WEBHOOK_PRIVATE is for development; in production webhooks go to public addresses")
        return cls(settings.webhook_private)

    def check_url(self, url: str) -> str:
        """The URL, when requests may go there as far as that can be told without resolving its name. Raises UnfitURL.

        What the name stands for is checked when a connection is made.
        """
        if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise UnfitURL(f"a URL of at most {LONGEST_URL} ASCII characters, without spaces")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise UnfitURL("this is not a URL") from None
        schemes = ("https", "http") if self.private else ("https",)
        if parts.scheme not in schemes or not host:
            raise UnfitURL("a URL that begins with https:// and a host name")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise UnfitURL("a URL without a user, a password and a fragment")
        if port == 0:
            raise UnfitURL("this port cannot be used")
        if not self.private and (_is_local_name(host) or ((address := _literal(host)) and not is_public(address))):
            raise UnfitURL("this address is not public")
        return url

    def allow(self, address: str) -> bool:
        """Whether requests may go to an address, written in numbers."""
        found = _literal(address)
        return found is not None and (self.private or is_public(found))


PUBLIC = AddressRules()


def _literal(host: str) -> Address | None:
    try:
        # Without the zone of an address such as fe80::1%eth0.
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _is_local_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith((".localhost", ".local", ".internal"))


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet: not private, loopback, link-local, multicast or reserved.

    An IPv6 address with an IPv4 address inside (mapped, NAT64, 6to4, Teredo) is as public as that.
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not special and not any(address in network for network in _NOT_PUBLIC)
