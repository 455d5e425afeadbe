"""JSON over HTTP to our own servers on loopback, with the standard library: quick to import."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

Json = Any

TIMEOUT_SECONDS = 30.0


class HttpRefused(Exception):
    """The server answered with an error status."""

    def __init__(self, method: str, url: str, status: int, body: str) -> None:
        super().__init__(f"{method} {url}: {status} {body[:500]}")
        self.status = status
        self.body = body


def call(method: str, url: str, body: Json = None, *, timeout: float = TIMEOUT_SECONDS) -> Json:
    """The parsed answer, None if it was empty. `HttpRefused`, or OSError if nobody listens."""
    text = _exchange(method, url, body, timeout)
    return json.loads(text) if text else None


def answers(url: str, *, timeout: float = 2.0) -> bool:
    """Does this address answer without an error?"""
    try:
        _exchange("GET", url, None, timeout)
    except (OSError, HttpRefused):
        return False
    return True


def _exchange(method: str, url: str, body: Json, timeout: float) -> str:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = None if body is None else json.dumps(body).encode()
        connection.request(method, path, sent, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
    except http.client.HTTPException as broken:
        raise ConnectionError(f"{method} {url}: {broken!r}") from broken
    finally:
        connection.close()
    if answer.status >= 400:
        raise HttpRefused(method, url, answer.status, text)
    return text
