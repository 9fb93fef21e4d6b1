import socket

import pytest

from stoker.control.listening import close_all, open_listeners, reachable, url_of
from stoker.control.rundir import StartError


def test_listeners_share_one_free_port_and_the_kernel_spreads_connections() -> None:
    listeners = open_listeners("127.0.0.1", 0, 3)
    clients = []
    try:
        ports = {listener.getsockname()[1] for listener in listeners}
        assert len(listeners) == 3
        (port,) = ports
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
        accepted = [_accept_all(listener) for listener in listeners]
        assert sum(accepted) == 60
        assert min(accepted) > 0
    finally:
        close_all([*listeners, *clients])


def _accept_all(listener: socket.socket) -> int:
    listener.setblocking(False)
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_a_port_that_another_server_shares_among_its_own_is_refused() -> None:
    first = open_listeners("127.0.0.1", 0, 2)
    port = first[0].getsockname()[1]
    try:
        with pytest.raises(StartError, match=f"Port {port} on 127.0.0.1 is in use by another program"):
            open_listeners("127.0.0.1", port, 2)
    finally:
        close_all(first)
    close_all(open_listeners("127.0.0.1", port, 1))


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("192.0.2.1", "192.0.2.1 is not an address of this machine"),
        ("no such host", "The host no such host is not known"),
    ],
)
def test_hosts_that_cannot_be_listened_on_are_told(host: str, message: str) -> None:
    with pytest.raises(StartError, match=message):
        open_listeners(host, 0, 1)


def test_urls_are_what_clients_here_can_use() -> None:
    assert url_of("::1", 80) == "http://[::1]:80"
    assert url_of(reachable("0.0.0.0"), 8080) == "http://127.0.0.1:8080"  # noqa: S104 - compared, not bound
    assert reachable("::") == "::1"
    assert reachable("10.0.0.1") == "10.0.0.1"
