"""A fork set aside for the worker, made before what only flow runs need is imported.

The worker lives as long as the stack; forked from the full interpreter it would carry the model and
all flows with it, and never use them.
"""

import contextlib
import json
import os
import socket

from deployments.warm.wish import Wish

FOR = ["prefect", "worker"]


class Seed:
    """Waits for one wish; `process` is its number. In the fork itself, `wish` is what came."""

    def __init__(self) -> None:
        self.used = False
        self.wish: Wish | None = None
        self._line, theirs = socket.socketpair()
        self.process = os.fork()
        if self.process:
            theirs.close()
        else:
            self._line.close()
            self.wish = _wait(theirs)

    def takes(self, wish: Wish) -> bool:
        """Hand the wish over if it is one for the seed, and the seed is still there."""
        if self.used or wish.command[:2] != FOR:
            return False
        self.used = True
        said = {"command": wish.command, "environment": wish.environment, "folder": wish.folder}
        body = json.dumps(said).encode()
        with contextlib.suppress(OSError), self._line:
            socket.send_fds(self._line, [b"%d\n" % len(body)], [*wish.files, wish.client.fileno()])
            self._line.sendall(body)
            return True
        return False

    def close(self) -> None:
        """In another fork: the line is the parent's alone, so that its end is seen."""
        self._line.close()


def _wait(line: socket.socket) -> Wish:
    """Until the wish comes; without a parent there is nothing to wait for."""
    head, files, _, _ = socket.recv_fds(line, 32, 4)
    size, _, body = head.partition(b"\n")
    while len(body) < int(size or 0):
        body += line.recv(65536)
    if not body:
        os._exit(0)
    line.close()
    said = json.loads(body)
    client = socket.socket(fileno=files.pop())
    return Wish(said["command"], said["environment"], said["folder"], files, client)
