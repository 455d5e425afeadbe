"""The audit in words: what was done, to what, and the details, as a colleague would say them."""

from collections.abc import Mapping
from typing import Any

from domain.access.model import SIGN_IN_WAY_NAMES
from domain.access.permissions import PERMISSIONS
from domain.fees.words import BASIS_NAMES
from domain.history.reading import EntryRow
from domain.meters.model import METER_KIND_NAMES
from domain.money import yuan
from domain.people.model import OccupancyRole
from domain.people.queries import OCCUPANCY_ROLE_NAMES
from gateway.web.desk.menu import MENU
from gateway.web.words import OPERATORS, actor

ACTS = {
    "api_token.issue": "发放接口令牌", "api_token.revoke": "收回接口令牌",
    "audit.check": "核对操作记录", "bill.reverse": "红冲账单", "bill_run.limits": "修改自动审批的限额",
    "fee.rename": "修改费用名称", "fee.stop": "停用费用", "fee.start": "启用费用",
    "fee.share": "录入公摊", "fee.unshare": "撤回公摊", "meter.fit": "装表",
    "bill_run.open": "发起出账", "bill_run.supplement": "发起补账", "bill_run.reverse": "红冲整批账单",
    "bill_run.approve": "批准账单", "bill_run.reject": "驳回账单",
    "building.add": "添加楼栋", "building.rename": "楼栋改名",
    "community.open": "开通小区", "community.edit": "修改小区资料",
    "company.edit": "修改企业资料", "company.logo": "更换企业标志",
    "charge.add": "给房屋加收费",
    "charge.end": "停止房屋收费",
    "fee.create": "新建费用项目",
    "fee.price": "调整收费标准",
    "fee.vat": "调整税率",
    "meter.create": "添加表具",
    "meter.round": "录入一轮抄表",
    "meter.swap": "换表",
    "meter.read": "录入抄表",
    "meter.reading": "录入抄表",
    "desk.enter": "用登录链接进入", "desk.sign_in": "登录",
    "fee_item.create": "新建费用项目", "fee_item.edit": "修改费用项目",
    "flow.hand_over": "把任务再交给后台", "flow.start": "启动后台任务",
    "import.apply": "导入数据", "import.handed_out": "下载导入批注", "import.undo": "撤销导入",
    "letter.retry": "重发消息", "letters.retry": "重发消息",
    "occupancy.add": "登记入住", "occupancy.end": "登记搬离",
    "occupancy.payer": "改缴费人", "occupancy.remove": "删除住户登记",
    "payment.refund": "退款", "payment.take": "收款",
    "person.create": "登记业主", "person.edit": "修改业主资料", "person.reveal": "查看完整号码",
    "prepayment.auto_deduct": "设置预存款自动抵扣",
    "role.create": "新建岗位", "role.edit": "修改岗位", "role.remove": "删除岗位",
    "room.area": "更正面积", "room.create": "添加房屋", "room.edit": "修改房屋",
    "room.occupied": "结束空置", "room.vacant": "登记空置",
    "staff.create": "添加员工", "staff.edit": "修改员工资料", "staff.grant": "给岗位",
    "staff.leave": "停用账号", "staff.link": "生成登录链接",
    "staff.password_changed": "修改自己的密码", "staff.password_issued": "发放账号密码",
    "staff.return": "恢复账号", "staff.revoke": "取消岗位", "staff.sign_out": "让同事退出登录",
    "staff.sync": "同步企业微信通讯录",
    "wecom.map_department": "设置部门对应的小区", "wecom.map_tag": "设置标签对应的岗位",
}  # fmt: skip
THINGS = {
    "api_token": "接口令牌", "bill": "账单", "bill_run": "出账批次", "building": "楼栋",
    "community": "小区", "company": "企业", "fee_item": "费用项目", "flow_start": "后台任务",
    "import_batch": "导入批次", "letter": "消息", "meter": "表具", "payment": "收款",
    "person": "业主", "role": "岗位", "room": "房屋", "staff": "员工", "tariff": "收费标准",
    "wecom_department": "企业微信部门", "wecom_tag": "企业微信标签",
}  # fmt: skip
WHO = {"staff": "员工", "owner": "业主", "clock": "定时任务", "operator": "命令行"}
PAGES = {
    "person": "/desk/people/{}", "staff": "/desk/staff/{}", "role": "/desk/roles/{}",
    "room": "/desk/rooms/{}",
}  # fmt: skip
EXPORT = "export"
BESIDE = ("company/communities",)
"""Lists that stand in no menu, but on a page that does."""
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "login": ("登录", ("desk.", "staff.link", "staff.password", "staff.sign_out")),
    "reveal": ("查看完整号码", ("person.reveal",)),
    "people": ("业主和住户", ("person.", "occupancy.")),
    "staff": ("员工和岗位", ("staff.", "role.", "api_token.", "wecom.")),
    "bills": ("账单和收费标准", ("bill.", "bill_run.", "fee", "charge.", "tariff", "meter")),
    "money": ("收款", ("payment.", "prepayment.")),
    "places": ("企业和房屋", ("company.", "community.", "building.", "room.")),
    "imports": ("导入", ("import.",)),
    "flows": ("后台任务", ("flow.",)),
    EXPORT: ("导出表格", ()),
}
"""Kinds of acts to filter by: words, and how their actions begin."""

KEYS = {
    "added": "增加", "agreed": "同意", "amount_fen": "金额", "basis": "计费方式", "bills": "账单数",
    "broken_at": "对不上的编号", "building": "楼栋编号", "built_area": "建筑面积", "bytes": "字节数",
    "change": "变动不超过", "changed": "变更", "charge": "收费编号", "code": "代号",
    "community": "小区编号", "conflicting": "冲突", "days": "有效天数", "deployment": "任务",
    "entries": "核对条数", "field": "哪一项", "fields": "改了什么", "from_on": "从哪天起",
    "holders": "影响同事", "kept": "保留", "kept_fen": "转入预存款", "kind": "种类", "month": "月份",
    "name": "名称", "new": "新增", "no": "编号", "note": "备注", "permissions": "权限",
    "purpose": "用途", "rate": "税率", "reason": "原因", "receipt": "收据号", "removed": "减少",
    "role": "岗位或身份", "room": "房屋编号", "rows": "行数", "scope": "范围", "scopes": "权限",
    "sessions": "退出的登录", "tariff": "收费标准编号", "to_on": "到哪天止", "token": "令牌编号",
    "tokens": "失效的令牌", "total": "合计", "total_fen": "总额", "type": "类型",
    "unchanged": "无变化", "unit_price": "单价", "version": "版本", "way": "登录方式", "whole": "全部核对",
}  # fmt: skip
INNER = ("desk_session", "link", "most")
"""Details for machines."""
VALUES = {
    **PERMISSIONS,
    **{way.value: name for way, name in SIGN_IN_WAY_NAMES.items()},
    **{role.value: OCCUPANCY_ROLE_NAMES[role] for role in OccupancyRole},
    **{basis.value: name for basis, name in BASIS_NAMES.items()},
    **{kind.value: name for kind, name in METER_KIND_NAMES.items()},
    "owners": "业主和房屋", "readings": "抄表读数", "charges": "房屋收费",
    "address": "地址", "sender_name": "消息署名", "bill_due_days": "缴费期限",
    "auto_approve_total_fen": "自动审批总额", "auto_approve_change": "自动审批变动",
    "name": "姓名", "phone": "电话", "id_number": "身份证号", "birth_on": "出生日期",
    "login": "账号", "position": "职务", "wecom_userid": "企业微信账号",
}  # fmt: skip


def actions(group: str) -> list[str]:
    """Every action of a group."""
    if group == EXPORT:
        lists = [entry.key for module in MENU for entry in module.entries]
        return [f"{key}.{EXPORT}" for key in (*lists, *BESIDE)]
    return [action for action in ACTS if action.startswith(GROUPS[group][1])]


def act(action: str) -> str:
    """`person.edit` -> `修改业主资料`; an export says of what."""
    if action in ACTS:
        return ACTS[action]
    thing, _, verb = action.partition(".")
    if verb == EXPORT:
        return "导出表格"
    return f"其他操作（{THINGS.get(thing, thing)}）"


def thing(row: EntryRow) -> str:
    """`业主 潘超`, `账单 ZD202611…`, `岗位`."""
    return f"{THINGS.get(row.subject, '其他')} {row.thing}".strip()


def who(row: EntryRow) -> str:
    """`周经理`, `周经理（接口令牌「收款机」）`, `定时任务 出账`, `演示`."""
    if row.token:
        return f"{row.actor_name}（接口令牌「{row.token}」）"
    if row.actor_kind == "staff":
        return row.actor_name
    if row.actor_name in OPERATORS:
        return actor(row.actor_name)
    return f"{WHO.get(row.actor_kind, '系统')} {actor(row.actor_name)}"


def details(detail: Mapping[str, Any], *, money: bool) -> list[tuple[str, str]]:
    """(what, value) of the details in words; amounts only where they may be seen."""
    return [
        (KEYS.get(key, key), _value(key, value))
        for key, value in detail.items()
        if key not in INNER and value not in (None, [], {}) and (money or not key.endswith("_fen"))
    ]


def in_one_line(row: EntryRow, *, money: bool) -> str:
    """The details in a list's cell."""
    return "；".join(f"{key}：{value}" for key, value in details(row.detail, money=money))


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if key.endswith("_fen") and isinstance(value, int):
        return yuan(value)
    if isinstance(value, list):
        return "、".join(_value("", one) for one in value)
    if isinstance(value, dict):
        return "、".join(
            f"{KEYS.get(name, name)} {_value(name, one)}" for name, one in value.items()
        )
    return VALUES.get(str(value), str(value))
