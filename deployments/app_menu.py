"""The menu under the app's conversation in WeCom: doors to the desk's pages.

An entry leads to the page itself. Whoever is not signed in there is sent through WeCom's login on
the way and comes back to the page; whoever is, is there at once.
"""

from typing import Any

from deployments.office import OpenOffice
from domain.errors import BackOfficeError
from gateway.wecom.apps import staff_app
from gateway.wecom.errors import verdict
from gateway.wecom.faults import WeComFault
from gateway.wecom.menus import Entry, create_menu, menu
from gateway.wecom.tokens import DatabaseTokenStore

MONEY = {
    "收费台": "/desk/counter",
    "出账和审批": "/desk/runs",
    "账单": "/desk/bills",
    "收款记录": "/desk/payments",
    "抄表": "/desk/meters",
}
MORE = {
    "发起任务": "/desk/flows",
    "业主": "/desk/people",
    "导入": "/desk/imports",
    "没送达的消息": "/desk/letters",
    "操作记录": "/desk/audit",
}


class MenuRefused(BackOfficeError):
    """WeCom did not take the menu; the old one, if any, stands."""

    code = "menu_refused"


def entries(base_url: str) -> list[Entry]:
    """The menu, with addresses of this installation."""
    front = base_url.rstrip("/")

    def below(pages: dict[str, str]) -> tuple[Entry, ...]:
        return tuple(Entry(name, front + path) for name, path in pages.items())

    return [
        Entry("工作台", f"{front}/desk"),
        Entry("收费", below=below(MONEY)),
        Entry("更多", below=below(MORE)),
    ]


def set_up(office: OpenOffice) -> dict[str, Any]:
    """Put the menu in place of any other; what WeCom has now."""
    app = staff_app(office.settings, DatabaseTokenStore(office.engine))
    try:
        create_menu(app, entries(office.settings.base_url))
        return {"agent_id": app.agent_id, "menu": menu(app)}
    except WeComFault as fault:
        raise MenuRefused(f"菜单没有设好：{verdict(fault).reason}") from fault
