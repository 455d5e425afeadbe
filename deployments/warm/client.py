"""`python -I -S client.py SOCKET MODULE [ARG...]` behaves as `python -m MODULE [ARG...]`.

Imports only the standard library's quick parts, so that it costs 20 ms. The process forked by the
warm interpreter lives as long as this one: its death closes the connection, which ends the other.
"""

import contextlib
import json
import os
import signal
import socket
import sys
from types import FrameType

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)


def main() -> None:
    """Run the module warm if possible, else cold. Never returns."""
    path, command = sys.argv[1], sys.argv[2:]
    try:
        connection = _ask(path, command)
        pid = int(_line(connection) or 0)
    except OSError:
        pid = 0
    if not pid:
        os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606 - it is the point
    _forward_signals(pid)
    _leave_as(int(_line(connection) or 256))


def _ask(path: str, command: list[str]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    wish = {"command": command, "environment": dict(os.environ), "folder": os.getcwd()}  # noqa: PTH109 - pathlib costs more than the rest
    body = json.dumps(wish).encode()
    socket.send_fds(connection, [b"%d\n" % len(body)], [0, 1, 2])
    connection.sendall(body)
    return connection


def _line(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            break
        received += byte
    return received


def _forward_signals(pid: int) -> None:
    def forward(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):  # ended; its status is on the way
            os.kill(pid, number)

    for number in FORWARDED:
        signal.signal(number, forward)


def _leave_as(status: int) -> None:
    """Exit as the other process did: the same code, or the same signal."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)


if __name__ == "__main__":
    main()
