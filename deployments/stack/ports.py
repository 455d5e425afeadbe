"""The three ports of a stack, and whether they are free."""

import random
import socket
from dataclasses import dataclass

from deployments.stack.errors import PortTaken

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """Loopback ports; `from_base(8600)` is the default: 8600, 8601, 8602."""

    gateway: int
    prefect: int
    sandbox: int

    @classmethod
    def from_base(cls, base: int) -> "Ports":
        """The gateway's port and the two after it."""
        return cls(base, base + 1, base + 2)

    @property
    def gateway_url(self) -> str:
        """Where the desk and the owners' pages are."""
        return f"http://{LOOPBACK}:{self.gateway}"

    @property
    def prefect_url(self) -> str:
        """Prefect's page; its API is below `/api`."""
        return f"http://{LOOPBACK}:{self.prefect}"

    @property
    def sandbox_url(self) -> str:
        """The local WeCom and its phones."""
        return f"http://{LOOPBACK}:{self.sandbox}"


DEFAULT = Ports.from_base(8600)


def require_free(*ports: int) -> None:
    """Raise `PortTaken` naming the first port that somebody listens on."""
    for port in ports:
        if not is_free(port):
            raise PortTaken(
                f"端口 {port} 已被别的程序占用，请换一个，例如 make demo PORT={port + 100}"
                f"，或 wuye up --port {port + 100}。",
                port=port,
            )


def is_free(port: int) -> bool:
    """Could a server listen there now?"""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def some_free() -> int:
    """A port nobody listens on, for servers that live briefly.

    Below those the system lends to outgoing connections: one of those may be gone in the seconds
    before a server binds it.
    """
    return next(port for port in iter(lambda: random.randrange(20_000, 30_000), 0) if is_free(port))  # noqa: S311 - not a secret
