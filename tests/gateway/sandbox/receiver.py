"""A product's callback address for tests: verifies with our own crypto, answers as it is told."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from gateway.wecom.crypto import (
    CallbackRefused,
    decrypt_callback,
    encrypt_callback,
    encrypted_part,
    parse,
)
from tests.support.sandbox import CORP_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

TOKEN = "TokenOfTheTest"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


class Receiver:
    """Listens on a free port; `heard` are the decrypted messages, `raw` all that came."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        self.raw: list[tuple[dict[str, str], bytes]] = []
        self.silent_for = 0
        self.closing = threading.Event()
        self.status: int | None = None
        self.reply: Callable[[dict[str, str]], str | None] = lambda _event: None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/callback"

    def callback(self, **more: Any) -> dict[str, Any]:
        """As the sandbox wants it set up."""
        return {"url": self.url, "token": TOKEN, "aes_key": AES_KEY, **more}

    def open(self, query: dict[str, str], sealed: str) -> str:
        """The message, or CallbackRefused."""
        signed = (
            query.get("msg_signature", ""),
            query.get("timestamp", ""),
            query.get("nonce", ""),
        )
        return decrypt_callback(TOKEN, AES_KEY, CORP_ID, *signed, sealed)

    def take(self, query: dict[str, str], body: bytes) -> tuple[int, str]:
        """What to answer."""
        self.raw.append((query, body))
        if self.silent_for > 0:
            self.silent_for -= 1
            self.closing.wait(30)
        try:
            inner = parse(self.open(query, encrypted_part(body)))
        except CallbackRefused as refused:
            return 403, refused.code
        event = {each.tag: "".join(each.itertext()) for each in inner}
        self.heard.append(event)
        message = self.reply(event)
        if message is None:
            return self.status or 200, "success"
        return 200, encrypt_callback(TOKEN, AES_KEY, CORP_ID, "1700000000", "n", message).xml()

    def wait(self, count: int) -> list[dict[str, str]]:
        """The first so many events, as soon as they are there."""
        deadline = time.monotonic() + 30
        while len(self.heard) < count:
            assert time.monotonic() < deadline, self.heard
            time.sleep(0.01)
        return self.heard[:count]

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    """The class the server wants."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            """Quietly."""

        @property
        def asked(self) -> dict[str, str]:
            return dict(parse_qsl(urlsplit(self.path).query))

        def answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def do_GET(self) -> None:
            try:
                self.answer(200, receiver.open(self.asked, self.asked["echostr"]))
            except CallbackRefused as refused:
                self.answer(403, refused.code)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                self.answer(*receiver.take(self.asked, body))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    return Handler
