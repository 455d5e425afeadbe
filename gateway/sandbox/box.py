"""What every handler needs, in one box that hangs on the application."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.requests import HTTPConnection

from gateway.sandbox.callbacks.courier import Courier
from gateway.sandbox.calls import CallLog
from gateway.sandbox.clock import Clock
from gateway.sandbox.faults import Script
from gateway.sandbox.limits import Limits
from gateway.sandbox.schema import TRAFFIC
from gateway.sandbox.store import Store


@dataclass
class Box:
    """The state on disk, the clock over it, and the three things kept in memory."""

    store: Store
    clock: Clock
    limits: Limits
    script: Script
    calls: CallLog
    courier: Courier

    @classmethod
    def open(cls, folder: Path) -> "Box":
        """Open or create the state under `folder`."""
        store = Store(folder)
        clock = Clock(store)
        return cls(store, clock, Limits(store), Script(), CallLog(clock), Courier(store, clock))

    @property
    def pulse(self) -> int:
        """Changes with every write and call: a page that saw the same number is still right."""
        return self.store.changes + self.calls.counts.total() + self.courier.moves

    def reset(self) -> None:
        """Everybody is a friend again, nothing was ever sent, the limits are strict."""
        self.limits.restore()
        with self.store.writing():
            self.store.run(
                "UPDATE staff SET status = seeded_status, active = seeded_status IN (1, 4)"
            )
            self.store.run("UPDATE follow SET state = 'friend' WHERE state <> 'friend'")
            for table in (*TRAFFIC, "seen"):
                self.store.run(f"DELETE FROM {table}")
            self.clock.shift_to(0)
        self.script.clear()
        self.calls.clear()
        self.courier.clear()


def box_of(request: Request | HTTPConnection) -> Box:
    """The box of the application that serves this request."""
    box: Box = request.app.state.box
    return box
