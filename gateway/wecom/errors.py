"""What a failed call means for a letter: try again later, or give up with a reason a clerk can use.

`scope` says whom it concerns. APP stops the whole channel: the other letters stay queued and no
try is charged to them. LETTER concerns this letter only.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.wecom.faults import (
    GETTOKEN,
    STALE_TOKEN,
    Answered,
    Garbled,
    NotSendable,
    Unanswered,
    WeComFault,
)

MINUTE, HOUR, DAY = 60, 3600, 86400
BLOCKED_UNITS = (MINUTE, HOUR, DAY, 30 * DAY)
BUSY_WAITS = (10, 20, 40, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR)
"""After each try that met a busy WeCom: three quick ones, as it asks, then it is left alone.

A bad quarter of an hour at WeCom must not become hundreds of dead letters.
"""


class Scope(StrEnum):
    """Whom a failure concerns."""

    LETTER = "letter"
    APP = "app"


@dataclass(frozen=True)
class Sent:
    """Accepted by WeCom.

    `invalid` and `unlicensed` are receivers it did not reach, as we named them;
    `response_code` allows one update of an interactive card within 72 hours.
    """

    msgid: str
    invalid: tuple[str, ...] = ()
    unlicensed: tuple[str, ...] = ()
    response_code: str | None = None


@dataclass(frozen=True)
class Retry:
    """Try again after so many seconds.

    With `maybe_accepted` the first try may have arrived: to colleagues repeat the very same
    request, for owners look for the task first.
    """

    after_seconds: int
    reason: str
    code: int | None = None
    scope: Scope = Scope.LETTER
    maybe_accepted: bool = False
    detail: str = ""


@dataclass(frozen=True)
class Refused:
    """Trying again unchanged cannot help."""

    reason: str
    code: int | None = None
    scope: Scope = Scope.LETTER
    detail: str = ""


Verdict = Sent | Retry | Refused

_WRONG_KEY = "企业微信应用的 Secret 不对，或应用已停用；请管理员核对设置后重新发送"
_APP = "设置里的应用与 Secret 不是同一个应用；请管理员核对 AgentId 和 Secret"
_RIGHTS = "这个应用没有调用此功能的权限；请管理员在企业微信后台的可调用应用或通讯录权限里开通"
_NO_STAFF = "收件员工不在企业微信里，或不在应用的可见范围内；请核对员工的企业微信账号"
_NO_OWNER = "业主的企业微信联系人已失效，或跟进员工不在应用的可见范围内；请让业主重新扫码添加"
_BAD_CARD = "消息卡片的内容不符合企业微信的要求；请把这条记录交给系统管理员"
_BAD_BODY = "消息内容不符合企业微信的要求；请把这条记录交给系统管理员"

_CHANNEL_REFUSALS = {
    40001: _WRONG_KEY,
    40013: "企业 ID 不对；请管理员核对设置后重新发送",
    40056: _APP,
    301002: _APP,
    41002: "设置里缺少企业 ID；请管理员补齐",
    41004: "设置里缺少应用的 Secret；请管理员补齐",
    48002: _RIGHTS,
    60011: _RIGHTS,
    50003: "企业微信应用已被停用；请管理员在企业微信后台启用",
}

_LETTER_REFUSALS = {
    40003: _NO_STAFF,
    60111: _NO_STAFF,
    81013: _NO_STAFF,
    40096: _NO_OWNER,
    84061: "业主已经不是这位员工的客户（可能删除了好友）；请让业主重新扫码添加",
    41047: "这条群发任务已不存在；请重新发送",
    41048: "没有可以群发的业主：都不是这位员工的客户，或已达到本日、本月的群发上限",
    41093: "这条群发任务已被取消",
    41094: "这条群发任务今天已提醒过三次，明天再提醒",
    42052: "消息发出已超过 24 小时，不能撤回",
    60140: "卡片已被处理过或已过期，不能再更新",
    40031: _BAD_BODY,
    40032: _BAD_BODY,
    40035: _BAD_BODY,
    40058: _BAD_BODY,
    44004: "消息内容是空的；请把这条记录交给系统管理员",
    45002: "消息内容太长；请把这条记录交给系统管理员",
    **dict.fromkeys((*range(42014, 42021), *range(42027, 42052)), _BAD_CARD),
}


def verdict(fault: WeComFault, *, attempt: int = 1) -> Retry | Refused:
    """What a fault means. `attempt` counts, from 1, the tries in a row that met the same one."""
    match fault:
        case Answered(path=path):
            found = _answered(fault, attempt)
            return replace(found, scope=Scope.APP) if path == GETTOKEN else found
        case NotSendable():
            return Refused(fault.reason)
        case Unanswered():
            return _unanswered(fault, attempt)
        case Garbled():
            return _garbled(fault, attempt)
    raise fault


def _answered(fault: Answered, attempt: int) -> Retry | Refused:
    code, detail = fault.code, fault.errmsg
    if code == 60020:
        return Refused(_untrusted_address(detail), code, Scope.APP, detail)
    if code in _CHANNEL_REFUSALS:
        return Refused(_CHANNEL_REFUSALS[code], code, Scope.APP, detail)
    if code in _LETTER_REFUSALS:
        return Refused(_LETTER_REFUSALS[code], code, Scope.LETTER, detail)
    return _passing(fault, attempt) or Refused(
        "企业微信没有接受这条消息；请把这条记录交给系统管理员", code, Scope.LETTER, detail
    )


def _passing(fault: Answered, attempt: int) -> Retry | Refused | None:
    """Codes that go away by waiting."""
    code, detail = fault.code, fault.errmsg
    if code == -1 and attempt > len(BUSY_WAITS):
        return Refused("企业微信一直繁忙，已停止重试；请稍后重新发送", code, detail=detail)
    if code == -1:
        return Retry(BUSY_WAITS[attempt - 1], "企业微信正忙，稍后自动重试", code, detail=detail)
    if code == 6000:
        return Retry(backoff(attempt), "企业微信正忙，稍后自动重试", code, detail=detail)
    if code == 45009:
        return Retry(
            _blocked(fault.path, attempt),
            "企业微信的发送次数已达上限，到时自动继续",
            code,
            Scope.APP,
            detail=detail,
        )
    if code == 45033:
        return Retry(5, "同时发送的消息太多，稍后自动继续", code, Scope.APP, detail=detail)
    if code in STALE_TOKEN:
        return Retry(
            MINUTE, "企业微信的访问凭证刚失效，稍后自动重试", code, Scope.APP, detail=detail
        )
    return None


def _blocked(path: str, attempt: int) -> int:
    """How many seconds 45009 lasts.

    WeCom blocks for the unit it measured in but does not name it: assume the shortest and go one
    unit up each time it still holds. gettoken blocks for an hour.
    """
    if path == GETTOKEN:
        return HOUR
    return BLOCKED_UNITS[min(attempt, len(BLOCKED_UNITS)) - 1]


def _untrusted_address(errmsg: str) -> str:
    found = re.search(r"from ip: ?([0-9A-Fa-f.:]+)", errmsg)
    ours = f" {found[1]} " if found else "出口 IP "
    return f"企业微信不信任本系统的地址；请管理员把{ours}加入应用的企业可信 IP，一分钟后生效"


def _unanswered(fault: Unanswered, attempt: int) -> Retry:
    if fault.maybe_accepted:
        return Retry(
            backoff(attempt),
            "企业微信没有及时回应，将核对后重试",
            maybe_accepted=True,
            detail=str(fault),
        )
    return Retry(
        backoff(attempt), "连不上企业微信，网络恢复后自动继续", scope=Scope.APP, detail=str(fault)
    )


def _garbled(fault: Garbled, attempt: int) -> Retry | Refused:
    if 300 <= fault.status < 500 and fault.status != 429:
        return Refused(
            "企业微信接口地址不对，或被网络设备拦截；请管理员核对接口地址和网络",
            None,
            Scope.APP,
            str(fault),
        )
    return Retry(
        backoff(attempt),
        "企业微信的服务暂时不正常，稍后自动重试",
        None,
        Scope.APP,
        fault.maybe_accepted,
        str(fault),
    )


def backoff(attempt: int) -> int:
    """Seconds to wait after the n-th try: 10, 20, 40 … at most ten minutes."""
    return int(min(10 * 2 ** (min(attempt, 10) - 1), 600))
