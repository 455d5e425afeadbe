"""A deliverer in a process of its own, to be killed: `python -m ... DATABASE_URL SANDBOX_PORT`."""

import subprocess
import sys

from domain.session import connect
from flows.delivery import rounds
from flows.delivery.postroom import PostRoom
from tests.flows.delivery.rack import FAST, NOON, app, settings_for
from tests.support import sandbox as box
from tests.support.sandbox import ROOT, SandboxServer


def start(database_url: str, sandbox: SandboxServer) -> subprocess.Popen[bytes]:
    """Start it; it delivers what is due at noon and ends."""
    return subprocess.Popen(
        [sys.executable, "-m", __name__, database_url, str(sandbox.port)], cwd=ROOT
    )


def main(database_url: str, port: str) -> None:
    """Deliver once."""
    sandbox = SandboxServer()
    sandbox.port = int(port)
    room = PostRoom(
        connect(database_url), settings_for(sandbox), app(sandbox, box.APP_SECRET, seconds=60),
        app(sandbox, box.CONTACT_SECRET, seconds=60), FAST, lambda: NOON,
    )  # fmt: skip
    rounds.deliver(room)


if __name__ == "__main__":
    main(*sys.argv[1:])
