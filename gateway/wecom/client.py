"""One WeCom app: wechatpy's client with its known faults closed.

- every call has a timeout, gettoken included; no proxy from the environment; no redirects;
- one controlled renewal on 40014/42001, never on 40001, which means a wrong secret;
- threads of a process fetch one token between them, and a refused secret is not tried again
  for a while, because repeated wrong secrets get our address blocked for an hour;
- faults are ours (`gateway.wecom.faults`) and carry no token.
"""

import hashlib
import json
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from wechatpy.exceptions import WeChatClientException
from wechatpy.work import WeChatClient

from gateway.wecom.faults import GETTOKEN, STALE_TOKEN, Answered, garbled, unanswered
from gateway.wecom.tokens import TokenStore

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
BUSY = -1
HOLD_SECONDS = 300.0
MARGIN_SECONDS = 120
POOL = 16

Reply = dict[str, Any]


@dataclass
class _Gate:
    """What the threads of this process share about one app's token."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    renewals: int = 0
    refused: tuple[int, str] | None = None
    closed_until: float = 0.0


_GATES: dict[str, _Gate] = {}


class _Http(requests.Session):
    """A pooled session that cannot wait for ever and goes only where it was told."""

    def __init__(self, timeout: tuple[float, float]) -> None:
        super().__init__()
        self.trust_env = False
        self.wait = timeout
        for scheme in ("http://", "https://"):
            self.mount(scheme, HTTPAdapter(pool_connections=2, pool_maxsize=POOL))

    def request(  # type: ignore[override]
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        """As `requests`, with our timeout where none is given and without redirects."""
        options["timeout"] = options.get("timeout") or self.wait
        options["allow_redirects"] = False
        return super().request(method, url, **options)


class WeComApp(WeChatClient):  # type: ignore[misc]
    """One app of one corp. Safe to share between threads; raises `WeComFault` only."""

    def __init__(
        self,
        corp_id: str,
        secret: str,
        agent_id: int,
        *,
        base_url: str,
        store: TokenStore,
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        super().__init__(corp_id, secret, timeout=timeout, auto_retry=False)
        self.agent_id = agent_id
        self.API_BASE_URL = f"{base_url.rstrip('/')}/cgi-bin/"
        self.key = _key(self.API_BASE_URL, corp_id, agent_id, secret)
        self._store = store
        self._http = _Http(timeout)
        self._gate = _GATES.setdefault(self.key, _Gate())
        _hide_tokens()

    def __repr__(self) -> str:
        return f"WeComApp({self.key})"

    @property
    def access_token(self) -> str:
        """A token that should hold, fetched at most once for all threads that ask."""
        held = self._store.get(self.key)
        if held:
            return held
        with self._gate.lock:
            return self._store.get(self.key) or str(self.fetch_access_token()["access_token"])

    def fetch_access_token(self) -> Reply:
        """Ask WeCom for a token and keep it. Called with the gate's lock held."""
        self._refuse_while_closed()
        try:
            reply = self._get_token()
        except Answered as fault:
            self._close_on(fault)
            raise
        self._gate.renewals += 1
        self._gate.refused = None
        lifetime = int(reply.get("expires_in") or 7200)
        margin = min(MARGIN_SECONDS, lifetime // 10)
        self._store.set(self.key, reply["access_token"], lifetime - margin)
        return reply

    def _get_token(self) -> Reply:
        params = {"corpid": self.corp_id, "corpsecret": self.secret}
        try:
            answer = self._http.request("GET", f"{self.API_BASE_URL}{GETTOKEN}", params=params)
        except requests.RequestException as error:
            raise unanswered(GETTOKEN, error) from None
        reply = _read(GETTOKEN, answer)
        if not isinstance(reply.get("access_token"), str) or not reply["access_token"]:
            raise garbled(GETTOKEN, answer.status_code)
        return reply

    def _refuse_while_closed(self) -> None:
        if self._gate.refused and time.monotonic() < self._gate.closed_until:
            raise Answered(GETTOKEN, *self._gate.refused)

    def _close_on(self, fault: Answered) -> None:
        if fault.code != BUSY:
            self._gate.refused = (fault.code, fault.errmsg)
            self._gate.closed_until = time.monotonic() + HOLD_SECONDS

    def _renewed(self, stale: str, seen: int) -> str:
        """A token other than the stale one; whoever comes first fetches, the others take it."""
        with self._gate.lock:
            held = self._store.get(self.key)
            if held and (held != stale or self._gate.renewals != seen):
                return held
            self._store.delete(self.key)
            return str(self.fetch_access_token()["access_token"])

    def call(self, path: str, data: dict[str, Any]) -> Reply:
        """Post `data` as JSON to an API; the reply, or a `WeComFault`."""
        return dict(self._request("POST", path, data=data))

    def _request(self, method: str, url_or_endpoint: str, **options: Any) -> Any:
        token = self.access_token
        seen = self._gate.renewals
        try:
            return self._once(method, url_or_endpoint, token, options)
        except Answered as fault:
            if fault.code not in STALE_TOKEN:
                raise
        return self._once(method, url_or_endpoint, self._renewed(token, seen), options)

    def _once(self, method: str, path: str, token: str, options: dict[str, Any]) -> Any:
        params = {**(options.get("params") or {}), "access_token": token}
        sent = {**options, "params": params}
        if isinstance(sent.get("data"), dict):
            sent["headers"] = {"Content-Type": "application/json; charset=utf-8"}
        try:
            return super()._request(method, path, **sent)
        except requests.RequestException as error:
            raise unanswered(path, error) from None
        except WeChatClientException as error:  # raised by wechatpy for an HTTP error status only
            raise garbled(path, error.response.status_code) from None

    def _handle_result(
        self,
        res: requests.Response,
        method: Any = None,  # noqa: ARG002 - the library passes it by place
        url: Any = None,
        result_processor: Callable[[Reply], Any] | None = None,
        **_: Any,
    ) -> Any:
        reply = _read(str(url).removeprefix(self.API_BASE_URL), res)
        return result_processor(reply) if result_processor else reply


def _read(path: str, answer: requests.Response) -> Reply:
    """The reply of a call that succeeded; anything else is a fault."""
    if answer.status_code != 200:
        raise garbled(path, answer.status_code)
    try:
        reply = json.loads(answer.content)
        code = int(reply["errcode"])
    except (ValueError, TypeError, KeyError):
        raise garbled(path, answer.status_code) from None
    if code:
        raise Answered(path, code, str(reply.get("errmsg", ""))[:300])
    return dict(reply)


def _key(base: str, corp_id: str, agent_id: int, secret: str) -> str:
    """Names the app in storage. A new secret or another host is another app: no stale token."""
    digest = hashlib.sha256(f"{base}\n{secret}".encode()).hexdigest()[:12]
    return f"{corp_id}/{agent_id}/{urlsplit(base).hostname}/{digest}"


_SECRET_IN_URL = re.compile(r"(access_token|corpsecret)=[^&\s\"]+")


def _without_secrets(record: logging.LogRecord) -> bool:
    """Rewrite a log record so that an address in it shows no token and no secret."""
    if "access_token=" in record.getMessage() or "corpsecret=" in record.getMessage():
        record.msg = _SECRET_IN_URL.sub(r"\1=***", record.getMessage())
        record.args = ()
    return True


def _hide_tokens() -> None:
    """urllib3 logs whole addresses at debug level; adding the filter twice has no effect."""
    logging.getLogger("urllib3.connectionpool").addFilter(_without_secrets)
