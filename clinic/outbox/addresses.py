"""Which addresses belong to the public internet, so that nothing is sent into a private network by mistake."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(text: str) -> bool:
    """Tell whether an IP address belongs to the public internet; one that wraps another counts as that one."""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        elif wrapped := address.ipv4_mapped or address.sixtofour:
            address = wrapped
        elif address.teredo or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_refused(url: str) -> bool:
    """Tell, without asking any name server, whether an address names a place that is not public."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        return not is_public(host)
    except ValueError:
        return "." not in host or host.endswith(LOCAL_NAMES)
