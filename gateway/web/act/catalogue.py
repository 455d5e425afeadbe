"""What people may start, in their words: who may, where, and what it brings about.

Every deployment of prefect.yaml stands here or in `NOT_STARTABLE`; a test compares them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.history.actor import Actor
from gateway.web.act import billing, colleagues, letters
from gateway.web.act.rights import RIGHTS
from gateway.web.act.weighing import Weighing, nothing_more
from gateway.web.sessions import Desk

Parameters = Mapping[str, Any]
Choices = Sequence[tuple[str, str]]

NOT_STARTABLE: dict[str, str] = {
    "inbox/continuous": "处理企业微信发来的事件；始终有一个在运行，停了由定时接上，没有要人填的",
}
"""Deployment -> why nobody starts it by hand."""


def _whole_company(_session: Session, _parameters: Parameters) -> int | None:
    return None


def _as_it_is(parameters: Parameters, _on: date) -> dict[str, Any]:
    return dict(parameters)


def _no_choices(_desk: Desk) -> Mapping[str, Choices]:
    return {}


def _no_figures(_desk: Desk, _parameters: Parameters, _community_id: int | None) -> None:
    return None


@dataclass(frozen=True)
class Startable:
    """A deployment as somebody starts it.

    What it `needs` (see `rights`) is needed in the community that `where` finds (None: the whole
    company). `shows`: the permission to read what came of it. `weighty`: it moves money or reaches many, so
    `weigh` says in numbers what would happen before it asks again. `settle` fills in what was left
    open. `page`: it has a page of its own instead of a form.
    """

    deployment: str
    name: str
    about: str
    shows: str
    mend: str
    weighty: bool = False
    page: str = ""
    choices: Callable[[Desk], Mapping[str, Choices]] = _no_choices
    where: Callable[[Session, Parameters], int | None] = _whole_company
    settle: Callable[[Parameters, date], dict[str, Any]] = _as_it_is
    weigh: Callable[[Session, Parameters, int | None], Weighing] = nothing_more
    figures: Callable[[Desk, Parameters, int | None], billing.Outcome | None] = _no_figures

    @property
    def address(self) -> str:
        """Where the desk offers it."""
        return self.page or f"/desk/flows/{self.deployment.partition('/')[0]}"

    @property
    def needs(self) -> str:
        """The permission to start it."""
        return RIGHTS[self.deployment].permission

    @property
    def whole(self) -> bool:
        """Whether it always acts on the whole company."""
        return RIGHTS[self.deployment].whole

    def permit(self, desk: Desk, community_id: int | None) -> Actor:
        """The colleague as actor, where they may start it; else NotPermitted."""
        return desk.may(self.needs, community_id=community_id)


STARTABLE: dict[str, Startable] = {
    one.deployment: one
    for one in (
        Startable(
            "bill-run/monthly", "出账",
            "按收费标准算出一个月的账单，等人审批；批准后出账并通知业主。",
            shows="bills.see", weighty=True,
            mend="已经算好的不会重算，也不会重复出账；处理好后再发起一次即可。",
            choices=billing.choices, where=billing.where, settle=billing.settle,
            weigh=billing.weigh, figures=billing.figures,
        ),
        Startable(
            "owner-import/on-demand", "导入",
            "上传业主、读数或收费工作簿，看过差异后导入。",
            shows="imports.apply", page="/desk/imports",
            mend="回到导入页，按提示改好工作簿再上传。",
        ),
        Startable(
            "deliver-letters/continuous", "投递消息",
            "把待发的消息发出去。平时一直有一个在运行，停了才需要在这里发起。",
            shows="letters.handle", weighty=True, weigh=letters.weigh,
            mend="没发完的留在待发里，下一次接着发。",
        ),
        Startable(
            "ledger-check/nightly", "核对账目",
            "核对全部账单、收款、预存款和全部操作记录，有一处不符就报出来；只看不改。",
            shows="bills.see",
            mend="账目不符要马上请财务和管理员一起看，在弄清之前不要再收退款。",
        ),
        Startable(
            "staff-sync/nightly", "同步员工",
            "按企业微信通讯录更新员工、部门和岗位；离职的人会马上退出登录。",
            shows="staff.see", weighty=True, weigh=colleagues.weigh,
            mend="没有同步的部分下一次会补上；可以过一会儿再发起一次。",
        ),
    )
}  # fmt: skip


def startable(deployment: str) -> Startable:
    """What may be started under this name, or NotFound."""
    found = STARTABLE.get(deployment)
    if found is None:
        raise NotFound("这个任务不能从这里发起")
    return found


def offered(desk: Desk) -> list[Startable]:
    """What this colleague may start somewhere; what acts on the whole company, for all of it."""
    return [one for one in STARTABLE.values() if RIGHTS[one.deployment].held_by(desk.access)]


def name_of(deployment: str) -> str:
    """In people's words, also of what is no longer offered."""
    known = STARTABLE.get(deployment)
    return known.name if known else deployment
