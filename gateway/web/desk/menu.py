"""The desk's pages by module, and who sees them: whoever holds one of the permissions somewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the menu; `key` names it for `aria-current`, and is its path under /desk."""

    key: str
    name: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """One of the modules people know, with the pages a colleague may open."""

    name: str
    entries: tuple[Entry, ...]


MENU = (
    Module(
        "费用收缴",
        (
            Entry("counter", "收费台", ("payments.take",)),
            Entry("runs", "出账批次", ("bills.see",)),
            Entry("bills", "账单", ("bills.see",)),
            Entry("payments", "收款记录", ("payments.see",)),
            Entry("fees", "收费标准", ("fees.see",)),
            Entry("meters", "抄表", ("meters.see",)),
        ),
    ),
    Module(
        "业主信息",
        (
            Entry("people", "业主", ("people.see",)),
            Entry("imports", "导入", ("imports.apply",)),
        ),
    ),
    Module("消息", (Entry("letters", "消息", ("letters.handle",)),)),
    Module(
        "基础设置",
        (
            Entry("company", "企业设置", ("company.edit",)),
            Entry("rooms", "小区和房屋", ("rooms.see",)),
            Entry("staff", "员工", ("staff.see",)),
            Entry("roles", "岗位和权限", ("roles.edit",)),
            Entry("flows", "后台任务", ("flows.watch", "bills.run", "imports.apply")),
            Entry("audit", "操作记录", ("audit.see",)),
        ),
    ),
)


def menu(held: frozenset[str]) -> list[Module]:
    """What somebody with these permissions sees; modules without a page are left out."""
    shown = [
        Module(module.name, tuple(one for one in module.entries if held.intersection(one.needs)))
        for module in MENU
    ]
    return [module for module in shown if module.entries]
