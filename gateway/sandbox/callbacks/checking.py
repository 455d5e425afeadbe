"""The exchange with which WeCom checks a new callback address: GET with an encrypted echostr."""

import secrets
import time
from typing import Any

import httpx

from gateway.sandbox.callbacks.crypto import seal
from gateway.sandbox.callbacks.parcels import Sender

SECONDS = 5


async def check(sender: Sender) -> dict[str, Any]:
    """{"ok", "http_status", "seconds", "answer", "reason"}: what the console would say."""
    address, echo = sender.address, secrets.token_hex(10)
    sealed = seal(address.aes_key, sender.corp_id, echo)
    query = {**sender.query(sealed, address.token), "echostr": sealed}
    began = time.monotonic()
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as http:
            answer = await http.get(address.url, params=query)
    except httpx.HTTPError as error:
        return told(None, "", began, f"地址没有回应（{type(error).__name__}）")
    return told(answer.status_code, answer.text, began, verdict(answer, echo))


def verdict(answer: httpx.Response, echo: str) -> str | None:
    """What is wrong with the answer; None when it is right."""
    if answer.status_code != 200:
        return f"返回了 HTTP {answer.status_code}，应为 200"
    if answer.content == echo.encode():
        return None
    if answer.text.strip().strip('"\ufeff') == echo:
        return "明文对了，但前后多了引号、换行或 BOM"
    return "返回的不是解密后的明文"


def told(status: int | None, text: str, began: float, reason: str | None) -> dict[str, Any]:
    """The verdict."""
    return {
        "ok": reason is None,
        "http_status": status,
        "seconds": round(time.monotonic() - began, 3),
        "answer": text[:200],
        "reason": reason,
    }
