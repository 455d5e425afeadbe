"""`python -m deployments.warm.server SOCKET`: preload, then fork one process per request.

One thread, one selector, no timers: it costs nothing while nobody asks. A forked process gets the
client's files, folder and environment, and ends when its client ends.
"""

import contextlib
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from deployments.warm.preload import changed, import_libraries, import_ours
from deployments.warm.seed import Seed
from deployments.warm.wish import Wish


def main() -> None:
    """Serve until SIGTERM. Returns only in forked processes, as the module they ran."""
    path = Path(sys.argv[1])
    import_libraries()
    _settle()
    seed = Seed()
    if seed.wish is None:
        seen = import_ours()
        _settle()
        seed.wish = _serve(_listen(path), seen, seed)
    _become(seed.wish)


def _settle() -> None:
    gc.collect()
    gc.freeze()  # a collection in a fork would touch, and so copy, every page


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(64)
    return listener


def _serve(listener: socket.socket, seen: dict[Path, int], seed: Seed) -> Wish:
    """The parent's loop; returns the wish in the fork that is to fulfil it."""
    wake, bell = socket.socketpair()
    for end in (wake, bell):
        end.setblocking(False)
    signal.set_wakeup_fd(bell.fileno())
    signal.signal(signal.SIGCHLD, _rung)
    running: dict[int, socket.socket] = {}
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(wake, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is wake:
                wake.recv(4096)
                _report_ended(running)
            elif (wish := _receive(listener)) is not None:
                if changed(seen):
                    _refuse(wish)
                elif seed.takes(wish):
                    running[seed.process] = _started(wish, seed.process)
                elif pid := os.fork():
                    running[pid] = _started(wish, pid)
                else:
                    _forget([*running.values(), listener, wake, bell])
                    seed.close()
                    return wish


def _rung(_number: int, _frame: FrameType | None) -> None:
    """SIGCHLD needs a handler for the wake-up byte to be written."""


def _receive(listener: socket.socket) -> Wish | None:
    client, _ = listener.accept()
    client.settimeout(5)  # a client that stops talking must not stop the others
    try:
        head, files, _, _ = socket.recv_fds(client, 32, 3)
        size, _, body = head.partition(b"\n")
        while len(body) < int(size):
            piece = client.recv(65536)
            if not piece:
                break
            body += piece
        client.settimeout(None)
        said = json.loads(body)
    except (OSError, ValueError):
        client.close()
        return None
    return Wish(said["command"], said["environment"], said["folder"], files, client)


def _refuse(wish: Wish) -> None:
    for file in wish.files:
        os.close(file)
    wish.client.close()


def _started(wish: Wish, pid: int) -> socket.socket:
    for file in wish.files:
        os.close(file)
    _tell(wish.client, pid)
    return wish.client


def _tell(client: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):  # the client is gone; the fork sees that by itself
        client.sendall(b"%d\n" % number)


def _report_ended(running: dict[int, socket.socket]) -> None:
    for pid, status in _ended():
        if client := running.pop(pid, None):
            _tell(client, status)
            client.close()


def _ended() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        yield pid, status


def _forget(sockets: list[socket.socket]) -> None:
    """In a fresh fork: nothing of the parent's stays open, no signal is handled its way."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for each in sockets:
        each.close()


def _become(wish: Wish) -> None:
    """Turn this fork into `python -m COMMAND`, as the client would have run it."""
    for number, file in enumerate(wish.files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(wish.folder)
    os.environ.clear()
    os.environ.update(wish.environment)
    sys.path.insert(0, wish.folder)
    sys.argv[:] = wish.command
    threading.Thread(target=_end_with, args=(wish.client,), daemon=True).start()
    if context := sys.modules.get("prefect.context"):
        context.refresh_global_settings_context()  # it read its settings before the fork
    warnings.filterwarnings("ignore", ".*found in sys.modules", RuntimeWarning)  # on purpose
    runpy.run_module(wish.command[0], run_name="__main__", alter_sys=True)


def _end_with(client: socket.socket) -> None:
    """Blocks until the client is gone. It only vanishes by SIGKILL: that was meant for us."""
    client.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
