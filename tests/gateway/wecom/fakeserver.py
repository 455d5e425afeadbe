"""A tiny HTTP server that misbehaves on request: what the sandbox would never answer."""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Raw:
    """An answer that is not WeCom's JSON with status 200."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


HANG, DROP = object(), object()
Answer = dict[str, Any] | Raw | object
Rule = Answer | Callable[[Call], Answer]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class FakeWeCom:
    """Answers by path: a rule, or a list of rules of which the last one stays."""

    def __init__(self) -> None:
        self.rules: dict[str, list[Rule]] = defaultdict(list)
        self.calls: list[Call] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.tokens = 0
        self.answer("gettoken", self.fresh_token)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def answer(self, path: str, *rules: Rule) -> None:
        """From now on, calls of the path meet these rules in turn."""
        self.rules[path] = list(rules)

    def fresh_token(self, _: Call) -> Answer:
        """A new token for each call of gettoken."""
        with self._lock:
            self.tokens += 1
            return ok(access_token=f"token-{self.tokens}", expires_in=7200)

    def counts(self) -> dict[str, int]:
        """Calls by path."""
        return dict(Counter(call.path for call in self.calls))

    def last(self, path: str) -> Call:
        return [call for call in self.calls if call.path == path][-1]

    def take(self, call: Call) -> Answer:
        """Note the call and say what it is answered."""
        with self._lock:
            self.calls.append(call)
            rules = self.rules[call.path]
            rule = rules.pop(0) if len(rules) > 1 else rules[0] if rules else ok()
        return rule(call) if callable(rule) else rule

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)


def ok(**facts: Any) -> dict[str, Any]:
    """A reply without an error."""
    return {"errcode": 0, "errmsg": "ok", **facts}


def error(code: int, errmsg: str = "no") -> dict[str, Any]:
    """A reply with an error code."""
    return {"errcode": code, "errmsg": errmsg}


def _handler(fake: FakeWeCom) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet: else each answer waits for an ACK

        def handle_call(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = Call(
                address.path.removeprefix("/cgi-bin/"),
                dict(parse_qsl(address.query)),
                body,
                {name.lower(): value for name, value in self.headers.items()},
            )
            self.give(fake.take(call))

        do_GET = do_POST = handle_call  # noqa: N815 - the names http.server looks for

        def give(self, answer: Answer) -> None:
            if answer is HANG:
                fake.closing.wait(20)
            if answer is HANG or answer is DROP:
                self.close_connection = True
                return
            raw = answer if isinstance(answer, Raw) else Raw(json.dumps(answer).encode())
            self.send_response(raw.status)
            for name, value in raw.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw.body)))
            self.end_headers()
            self.wfile.write(raw.body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler
