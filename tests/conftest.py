"""Sockets are closed by default: no test of this suite reaches beyond this machine, whatever it starts in-process."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

LOCAL_NAMES = ("localhost", "", None)


class Guard:
    """What was asked of the network; whatever is not on this machine is refused and kept in `refused`."""

    def __init__(self) -> None:
        self.contacted: list[str] = []
        self.refused: list[str] = []

    def check(self, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is None:
            return
        self.contacted.append(str(host))
        if not is_local(host):
            self.refused.append(str(host))
            raise OSError(f"a test tried to reach {host}: sockets are closed")


def is_local(host: object) -> bool:
    """Whether a host is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers last: Playwright's loop stays in the thread in which it was started, and no other can run there."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(scope="session")
def network() -> Iterator[Guard]:
    guard = Guard()
    patch = pytest.MonkeyPatch()
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def connected(self: socket.socket, address: Any) -> None:
        guard.check(address)
        connect(self, address)

    def connected_ex(self: socket.socket, address: Any) -> int:
        guard.check(address)
        return connect_ex(self, address)

    def looked_up(host: Any, *more: Any, **options: Any) -> Any:
        guard.check((host,))
        return look_up(host, *more, **options)

    patch.setattr(socket.socket, "connect", connected)
    patch.setattr(socket.socket, "connect_ex", connected_ex)
    patch.setattr(socket, "getaddrinfo", looked_up)
    yield guard
    patch.undo()


@pytest.fixture(autouse=True)
def _closed_sockets(network: Guard) -> Iterator[None]:
    """A test that reaches out fails, even where the program took the refusal for an ordinary fault."""
    before = len(network.refused)
    yield
    assert network.refused[before:] == []
