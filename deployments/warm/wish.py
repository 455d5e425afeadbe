"""What a client of the warm interpreter asks for."""

import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class Wish:
    """A `python -m` command, its environment, folder and files 0, 1, 2; the client who waits."""

    command: list[str]
    environment: dict[str, str]
    folder: str
    files: list[int]
    client: socket.socket
