"""The desk's pages by module, and who finds them there: whoever has something to do on them."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.access.access import Access
from gateway.web.act.rights import finds_flows


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu; `key` names it for `aria-current`, and is its path under /desk.

    `needs`: the permission, somewhere; or a rule that the page itself goes by.
    """

    key: str
    name: str
    needs: str | Callable[[Access], bool]

    def shown_to(self, access: Access) -> bool:
        """Whether somebody finds it in their menu."""
        return self.needs in access.held if isinstance(self.needs, str) else self.needs(access)


@dataclass(frozen=True, slots=True)
class Module:
    """One of the modules people know, with the pages a colleague may open."""

    name: str
    entries: tuple[Entry, ...]


MENU = (
    Module(
        "费用收缴",
        (
            Entry("counter", "收费台", "payments.take"),
            Entry("runs", "出账批次", "bills.see"),
            Entry("bills", "账单", "bills.see"),
            Entry("payments", "收款记录", "payments.see"),
            Entry("fees", "收费标准", "fees.see"),
            Entry("meters", "抄表", "meters.see"),
        ),
    ),
    Module(
        "业主信息",
        (
            Entry("people", "业主", "people.see"),
            Entry("imports", "导入", "imports.apply"),
        ),
    ),
    Module("消息", (Entry("letters", "消息", "letters.handle"),)),
    Module(
        "基础设置",
        (
            Entry("company", "企业设置", "company.edit"),
            Entry("rooms", "小区和房屋", "rooms.see"),
            Entry("staff", "员工", "staff.see"),
            Entry("roles", "岗位和权限", "roles.edit"),
            Entry("flows", "后台任务", finds_flows),
            Entry("audit", "操作记录", "audit.see"),
        ),
    ),
)


def menu(access: Access) -> list[Module]:
    """What somebody sees; modules without a page are left out."""
    shown = [
        Module(module.name, tuple(one for one in module.entries if one.shown_to(access)))
        for module in MENU
    ]
    return [module for module in shown if module.entries]
