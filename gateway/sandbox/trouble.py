"""The troubles the operator's panel offers, in words."""

from typing import Any

from gateway.sandbox.faults import Fault

EFFECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "busy": ("系统繁忙（-1）", {"errcode": -1}),
    "frequency": ("超过频率限制（45009）", {"errcode": 45009}),
    "token": ("令牌失效（40014）", {"errcode": 40014}),
    "address": ("IP 不在白名单（60020）", {"errcode": 60020}),
    "receivers": ("接收人全部无效（81013）", {"errcode": 81013}),
    "gateway": ("网关错误（HTTP 502）", {"http_status": 502}),
    "slow": ("十秒后才处理", {"delay_seconds": 10}),
    "lost": ("已受理但回应丢失", {"accept_then_timeout": True}),
}
PATHS = {
    "message/send": "员工应用消息",
    "externalcontact/add_msg_template": "客户群发",
    "externalcontact/get_groupmsg_send_result": "群发结果查询",
    "gettoken": "获取令牌",
    "*": "任意接口",
}


def in_words(fault: Fault) -> str:
    """What the fault does, as the panel lists it."""
    for words, effect in EFFECTS.values():
        if effect == fault.model_dump(include=set(effect)):
            return words
    if fault.errcode is not None:
        return f"返回错误 {fault.errcode}"
    if fault.http_status is not None:
        return f"网关错误（HTTP {fault.http_status}）"
    return "部分接收人无效" if fault.partial_invalid else f"{fault.delay_seconds:g} 秒后才处理"
