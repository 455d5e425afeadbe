"""A sandbox WeCom for tests: a real process on a free port with a state folder of its own.

    with SandboxServer() as sandbox:
        sandbox.seed_office()
        ...                      # the code under test talks to sandbox.url
        sandbox.press("lisi")
        assert sandbox.messages("wm1")[0]["links"] == [...]

What the JSON looks like is written in the docstring of `gateway.sandbox`.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ROOT = Path(__file__).parents[2]
CORP_ID = "wwsandbox"
AGENT_ID = 1000002
APP_SECRET = "app-secret-of-the-sandbox"
CONTACT_SECRET = "contact-secret-of-the-sandbox"

OFFICE: dict[str, Any] = {
    "corp_id": CORP_ID,
    "corp_name": "安居物业",
    "apps": [{"agent_id": AGENT_ID, "secret": APP_SECRET, "name": "物业助手"}],
    "contact_secret": CONTACT_SECRET,
    "staff": [
        {"userid": "lisi", "name": "李四", "position": "客服"},
        {"userid": "zhaoliu", "name": "赵六", "position": "收费员"},
    ],
    "customers": [
        {"external_userid": "wm1", "name": "王一", "followers": ["lisi"], "remark": "1-1-101"},
        {"external_userid": "wm2", "name": "王二", "followers": ["lisi"], "remark": "1-1-102"},
        {"external_userid": "wm3", "name": "王三", "followers": ["zhaoliu"], "remark": "1-1-103"},
    ],
}


class SandboxServer:
    """Starts on entry, stops on exit and removes the state folder it made."""

    def __init__(self, state: Path | None = None) -> None:
        self.own_state = state is None
        self.state = state or Path(tempfile.mkdtemp(prefix="sandbox-"))
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.http = httpx.Client(trust_env=False, timeout=10, verify=False)

    @property
    def url(self) -> str:
        """The base URL, as WUYE_WECOM_BASE_URL wants it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, again on the same port after a stop or kill."""
        self.process = launch("--port", str(self.port), "--state", str(self.state))
        assert self.process.stdout is not None
        address = self.process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"the sandbox did not start: {self.process.communicate()[1]}")
        self.port = int(address.rpartition(":")[2])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for its end."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.communicate(timeout=10)
            self.process = None

    def kill(self) -> None:
        """End it by kill -9; `start` brings it back with all it remembers."""
        self.stop(signal.SIGKILL)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()
        self.http.close()
        if self.own_state:
            shutil.rmtree(self.state)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One call to /_sandbox/...; raises httpx.HTTPStatusError for a refusal."""
        reply = self.http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        reply.raise_for_status()
        return reply.json()

    def seed(self, **people: Any) -> dict[str, int]:
        """Who exists; the totals."""
        totals: dict[str, int] = self.control("POST", "seed", people)
        return totals

    def seed_office(self) -> dict[str, int]:
        """OFFICE: one app, two members, three customers."""
        return self.seed(**OFFICE)

    def reset(self) -> None:
        """Back to the day of the seed: only the people stay."""
        self.control("POST", "reset")

    def faults(self, *faults: dict[str, Any]) -> None:
        """Append to the fault script, e.g. {"path": "message/send", "errcode": -1, "times": 2}."""
        self.control("POST", "faults", list(faults))

    def remaining_faults(self) -> list[dict[str, Any]]:
        """Faults nobody has met yet."""
        faults: list[dict[str, Any]] = self.control("GET", "faults")["remaining"]
        return faults

    def advance(self, seconds: int) -> None:
        """Move the virtual clock on."""
        self.control("POST", "clock", {"advance_seconds": seconds})

    def calls(self, path: str | None = None) -> Any:
        """The log of calls; with a path, how often it was called."""
        log = self.control("GET", "calls")
        return log if path is None else log["counts"].get(path, 0)

    def phone(self, phone_id: str) -> dict[str, Any]:
        """A whole phone: messages and tasks."""
        phone: dict[str, Any] = self.control("GET", f"phones/{phone_id}/messages")
        return phone

    def messages(self, phone_id: str) -> list[dict[str, Any]]:
        """The messages on a phone, oldest first."""
        messages: list[dict[str, Any]] = self.phone(phone_id)["messages"]
        return messages

    def tasks(self, userid: str) -> list[dict[str, Any]]:
        """A member's mass-message tasks, newest first."""
        tasks: list[dict[str, Any]] = self.phone(userid)["tasks"]
        return tasks

    def press(self, userid: str, msgid: str | None = None) -> dict[str, int]:
        """The member presses send, for one task or for all."""
        choice = {"msgid": msgid} if msgid else {"all": True}
        outcome: dict[str, int] = self.control("POST", f"staff/{userid}/press", choice)
        return outcome

    def unfriend(self, who: str, **facts: str) -> None:
        """The customer deletes his members (or, by="staff", the other way round)."""
        self.control("POST", f"customers/{who}/unfriend", facts)


def launch(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """`python -m gateway.sandbox` with these arguments and changes to the environment."""
    clean = {key: value for key, value in os.environ.items() if key != "WUYE_ENVIRONMENT"}
    return subprocess.Popen(
        [sys.executable, "-m", "gateway.sandbox", *arguments],
        cwd=ROOT,
        env={**clean, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
