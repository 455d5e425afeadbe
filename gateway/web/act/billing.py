"""出账 as somebody starts it: where, what it would bring about, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from domain import clock
from domain.bills import queries, reach
from domain.bills.model import BillRunStatus
from domain.bills.reach import Prospect
from domain.company import queries as companies
from domain.company.queries import CommunityNotFound
from domain.errors import Invalid
from domain.fees.calc.periods import parse_month
from domain.history.actor import Actor
from domain.money import yuan
from gateway.web import words
from gateway.web.act.weighing import Weighing
from gateway.web.sessions import Desk
from statemachines import supplement
from statemachines.bill_run import BILL_RUN

Parameters = Mapping[str, Any]
COMMUNITY, MONTH = "community", "month"
AGAIN = {
    BillRunStatus.AWAITING_APPROVAL: "已经算好，正等审批；不会重算",
    BillRunStatus.ISSUED: "这个月已经出过账；只补缺漏和红冲了的",
}


@dataclass(frozen=True)
class Outcome:
    """What stands in our books: `rows` are (what, how much); `page` leads to more."""

    tag: tuple[str, str]
    rows: tuple[tuple[str, str], ...]
    page: str
    decides: int | None
    """The bill run that waits for a decision, if this colleague may decide."""


def choices(desk: Desk) -> Mapping[str, Sequence[tuple[str, str]]]:
    """The communities where they may bill; all at once for who may everywhere."""
    here = desk.access.communities(desk.session, "bills.run", whole=True)
    everywhere = [("", "全部小区，各出一批")] if desk.access.may("bills.run") else []
    return {f"form.{COMMUNITY}": [*everywhere, *((one.name, one.name) for one in here)]}


def where(session: Session, parameters: Parameters) -> int | None:
    """The community that is billed; None: every one of them."""
    name = str(_form(parameters).get(COMMUNITY) or "").strip()
    if not name:
        return None
    try:
        return companies.community(session, name).id
    except CommunityNotFound:  # whose names are nobody's business here
        raise Invalid(f"没有叫「{name[:40]}」的小区") from None


def settle(parameters: Parameters, on: date) -> dict[str, Any]:
    """The month as the flow writes it; this one where none was given."""
    form = dict(_form(parameters))
    typed = str(form.get(MONTH) or "")
    form[MONTH] = f"{parse_month(typed) if typed else on:%Y-%m}"
    return {"form": {COMMUNITY: "", **form}}


def weigh(session: Session, parameters: Parameters, community_id: int | None) -> Weighing:
    """Rooms and payers of each community, and where a run is there already."""
    month = parse_month(_form(parameters)[MONTH])
    ids = [community_id] if community_id else list(companies.names_by_id(session))
    found = reach.before(session, ids, month=month)
    rooms, payers = sum(one.rooms for one in found), sum(one.payers for one in found)
    who = found[0].community if community_id else f"{len(found)} 个小区"
    if community_id and found[0].status is BillRunStatus.ISSUED:
        return _completing(session, community_id, who, month)
    return Weighing(
        f"为{who}算 {words.month(month)}的账单：{rooms:,} 套房屋，{payers:,} 位缴费人",
        tuple((one.community, _said(one)) for one in found if community_id is None or one.status),
        (
            "算好后先等审批，批准前不通知业主，也不收任何款。",
            "设了自动审批限额的小区，在限额内会直接出账并通知业主。",
        ),
    )


def _completing(session: Session, community_id: int, who: str, month: date) -> Weighing:
    """补账 of a month that is issued: what it lacks, in figures."""
    issued = queries.live_run(session, community_id=community_id, period_start=month)
    assert issued is not None
    found = supplement.lacking(session, issued, by=Actor.operator(), at=clock.now())
    if not found.lines:
        sentence = f"{who} {words.month(month)}已经出过账，没有缺漏；再发起也不会有变化"
        return Weighing(sentence, (), ("红冲了账单，或补录了读数、收费，再来补账。",))
    return Weighing(
        f"给{who}补 {words.month(month)}的账，已经有账的不动",
        (
            ("补账的房屋", f"{found.rooms:,} 套"), ("补账的费用", f"{found.lines:,} 笔"),
            ("合计", yuan(found.total_fen)),
        ),
        ("算好后先等审批，批准前不通知业主，也不收任何款。",),
    )  # fmt: skip


def figures(desk: Desk, parameters: Parameters, community_id: int | None) -> Outcome | None:
    """The run of this month as it stands in our books; None before there is one."""
    if community_id is None:
        return None
    month = parse_month(_form(parameters)[MONTH])
    run = queries.live_run(desk.session, community_id=community_id, period_start=month)
    if run is None:
        return None
    bills, total_fen = queries.totals(desk.session, run.id)
    waits = run.status is BillRunStatus.AWAITING_APPROVAL
    may = waits and desk.access.may("bills.approve", community_id=community_id)
    return Outcome(
        words.run_tag(run.status),
        (("账单", f"{bills:,} 张"), ("合计", yuan(total_fen))),
        f"/desk/runs/{run.id}",
        run.id if may else None,
    )


def _said(one: Prospect) -> str:
    size = f"{one.rooms:,} 套房屋，{one.payers:,} 位缴费人"
    if one.status is None:
        return size
    return f"{size}；{AGAIN.get(one.status, f'已有一批「{BILL_RUN.status_names[one.status]}」，会接着做')}"


def _form(parameters: Parameters) -> Mapping[str, Any]:
    form = parameters.get("form")
    return form if isinstance(form, Mapping) else {}
