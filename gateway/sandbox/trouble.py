"""The troubles the operator's panel offers, and the events it shows, in words."""

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
    "message/update_template_card": "更新卡片",
    "auth/getuserinfo": "登录换取身份",
    "user/get": "查询成员",
    "user/list": "部门成员列表",
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


HAPPENINGS = {
    "enter_agent": "进入应用",
    "click": "点菜单",
    "view": "打开菜单里的链接",
    "template_card_event": "点卡片按钮",
    "template_card_menu_event": "点卡片菜单",
    "create_user": "成员加入",
    "update_user": "成员资料变更",
    "delete_user": "成员离开",
    "create_party": "新增部门",
    "update_party": "部门变更",
    "delete_party": "删除部门",
    "update_tag": "标签成员变更",
    "add_external_contact": "业主添加员工",
    "del_follow_user": "业主删除员工",
    "del_external_contact": "员工删除业主",
}


def happened(event: dict[str, Any]) -> str:
    """What a callback tells of; an event we have no words for by its own name."""
    name = str(event.get("ChangeType") or event.get("Event") or "")
    return HAPPENINGS.get(name, name or "没有内容")
