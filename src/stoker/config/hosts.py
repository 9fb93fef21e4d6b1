"""Who can reach an address that the server listens on."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`; a name other than `localhost` is not trusted to be so."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
