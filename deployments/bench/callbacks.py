"""`wuye bench callbacks`: signed and encrypted events at a steady rate against a real gateway process."""

import asyncio
import random
import secrets
import string
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select

from deployments.bench.gateway import gateway
from deployments.bench.knocking import Answer, Knock, knock_all
from deployments.bench.scratch import scratch_database
from deployments.stack.environment import adopt
from domain import clock
from domain.inbox.model import InboundEvent
from domain.session import connect, transaction
from domain.vault import new_key_setting
from gateway.settings import settings
from gateway.wecom import crypto

CORP, REPEATED_EVERY = "wwbench", 10
EVENT = (
    "<xml><ToUserName><![CDATA[wwbench]]></ToUserName><FromUserName><![CDATA[{user}]]>"
    "</FromUserName><CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
    "<Event><![CDATA[enter_agent]]></Event><EventKey><![CDATA[]]></EventKey>"
    "<AgentID>1000002</AgentID></xml>"
)


class NotAllThere(RuntimeError):
    """What was answered with success is not what stands in the database."""


def run(per_second: int, seconds: int) -> dict[str, Any]:
    """Measure; every tenth event is a repeat of the one before it."""
    adopt(settings())
    keys = _keys()
    with scratch_database(settings(), "callbacks") as url, gateway(url, keys) as base:
        knocks = _knocks(keys, per_second * seconds)
        told = asyncio.run(knock_all(base, knocks, per_second=per_second))
        stored, heard = _stored(url)
    good = sum(one.status == 200 and one.text == b"success" for one in told)
    if good == len(told) and (stored, heard) != (_distinct(len(told)), len(told)):
        raise NotAllThere(f"{stored} events received {heard} times, of {len(told)} sent")
    return _figures(told, good, stored, per_second, seconds)


def _keys() -> dict[str, str]:
    word = "".join(random.choices(string.ascii_letters, k=42))  # noqa: S311 - of a bench
    return {
        "WUYE_WECOM_CORP_ID": CORP, "WUYE_WECOM_TOKEN": secrets.token_hex(8),
        "WUYE_WECOM_AES_KEY": f"{word}A", "WUYE_DATA_KEYS": new_key_setting(),
    }  # fmt: skip


def _knocks(keys: dict[str, str], count: int) -> list[Knock]:
    stamp = int(clock.now().timestamp())
    knocks: list[Knock] = []
    for number in range(count):
        message = EVENT.format(user=f"user{_number(number)}", at=stamp)
        sealed = crypto.encrypt_callback(
            keys["WUYE_WECOM_TOKEN"], keys["WUYE_WECOM_AES_KEY"], CORP, str(stamp), str(number),
            message,
        )  # fmt: skip
        asked = {"msg_signature": sealed.msg_signature, "timestamp": stamp, "nonce": sealed.nonce}
        body = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{sealed.encrypt}</Encrypt></xml>"
        knocks.append(Knock(f"/wecom/callback?{urlencode(asked)}", body.encode()))
    return knocks


def _number(number: int) -> int:
    """Which event it is: every tenth is the one before it."""
    return number - 1 if number % REPEATED_EVERY == REPEATED_EVERY - 1 else number


def _distinct(count: int) -> int:
    return len({_number(number) for number in range(count)})


def _stored(url: str) -> tuple[int, int]:
    """How many events stand in the database, and how often they were received in all."""
    engine = connect(url)
    with transaction(engine) as session:
        rows, repeats = session.execute(
            select(func.count(), func.coalesce(func.sum(InboundEvent.repeats), 0))
        ).one()
    engine.dispose()
    return int(rows), int(rows + repeats)


def _figures(
    told: Sequence[Answer], good: int, stored: int, per_second: int, seconds: int
) -> dict[str, Any]:
    times = sorted(one.seconds for one in told)
    return {
        "bench": "callbacks", "per_second": per_second, "seconds": seconds, "sent": len(told),
        "answered": good, "errors": len(told) - good, "events": stored,
        **{f"p{share}_ms": _at(times, share) for share in (50, 95, 99)},
        "slowest_ms": round(times[-1] * 1000, 1),
    }  # fmt: skip


def _at(times: Sequence[float], share: int) -> float:
    return round(times[min(len(times) - 1, len(times) * share // 100)] * 1000, 1)
