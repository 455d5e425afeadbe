"""What approving, rejecting or taking back a bill run would do, as pages that ask once more."""

from domain.bills import queries, reach
from domain.bills.model import BillRun, BillRunStatus
from domain.company.model import Community
from domain.errors import NotFound
from domain.money import yuan
from domain.payments.standing import held_by_run
from gateway.web.deciding import Figures
from gateway.web.sessions import Desk
from gateway.web.sure import Sure
from gateway.web.words import month
from statemachines.bill_run import BILL_RUN


def approval(seen: Figures) -> Sure:
    """Approving the drafts."""
    what = f"{seen.community} {month(seen.month)}{'补账' if seen.supplement else ''}"
    last = seen.last
    compared = []
    if last:
        change = seen.total_fen - last["total_fen"]
        compared = [("比上期", f"{'多' if change >= 0 else '少'} {yuan(abs(change))}")]
    return Sure(
        here="runs",
        title="批准账单",
        sentence=f"批准{what}的 {seen.bills:,} 张账单，共 {yuan(seen.total_fen)}",
        figures=[
            ("收到账单的人", f"{seen.reach.payers:,} 位"), ("涉及房屋", f"{seen.reach.rooms:,} 套"),
            *compared,
        ],
        warnings=[
            "批准以后马上出账，并通知业主；要收回只能整批红冲。",
            *(f"{name}：{count} 处" for name, count in seen.attention),
            *_unreachable(seen.reach.unreachable),
        ],
        action=f"/desk/runs/{seen.run}/approve",
        button=f"批准 {seen.bills:,} 张账单",
        back=f"/desk/runs/{seen.run}",
        seen=_seen(seen.bills, seen.total_fen),
        reason="备注",
        optional=True,
        blocked=_not_waiting(seen),
    )  # fmt: skip


def rejection(seen: Figures) -> Sure:
    """Rejecting the drafts."""
    what = f"{seen.community} {month(seen.month)}"
    return Sure(
        here="runs",
        title="驳回账单",
        sentence=f"驳回{what}的 {seen.bills:,} 张草稿，共 {yuan(seen.total_fen)}",
        warnings=["草稿全部作废，业主什么都不会收到；改好以后可以重新发起出账。"],
        action=f"/desk/runs/{seen.run}/reject",
        button=f"驳回 {seen.bills:,} 张草稿",
        back=f"/desk/runs/{seen.run}",
        seen=_seen(seen.bills, seen.total_fen),
        reason="驳回的原因（经办人会看到）",
        blocked=_not_waiting(seen),
        grave=True,
    )


def reversible(desk: Desk, run_id: int, *, lock: bool = False) -> BillRun:
    """The run, where the colleague may reverse bills."""
    found = desk.session.get(BillRun, run_id, with_for_update=lock or None, populate_existing=True)
    if found is None:
        raise NotFound("没有找到这批账单")
    desk.may("bills.reverse", community_id=found.community_id)
    return found


def reversal(desk: Desk, found: BillRun) -> Sure:
    """整批红冲."""
    session = desk.session
    bills, total_fen = queries.totals(session, found.id)
    paid, paid_fen = held_by_run(session, found.id)
    place = session.get_one(Community, found.community_id).name
    name = BILL_RUN.status_names[found.status]
    return Sure(
        here="runs",
        title="整批红冲",
        sentence=f"红冲{place} {month(found.period_start)}的 {bills:,} 张账单，共 {yuan(total_fen)}",
        figures=[
            ("已经缴过款的账单", f"{paid:,} 张"), ("转入预存款的钱", yuan(paid_fen)),
            ("受影响的缴费人", f"{reach.of_run(session, found.id).payers:,} 位"),
        ],
        warnings=[
            "红冲不能撤回。业主已经收到的账单消息收不回来，请另行告知。",
            "要再收这个月的费用，需要重新发起出账并审批。",
        ],
        action=f"/desk/runs/{found.id}/reverse",
        button=f"红冲 {bills:,} 张账单",
        back=f"/desk/runs/{found.id}",
        seen={**_seen(bills, total_fen), "seen_paid_fen": paid_fen},
        reason="红冲的原因（会记录在案）",
        blocked="" if found.status is BillRunStatus.ISSUED else f"这批账单{name}，不能整批红冲。",
        grave=True,
    )  # fmt: skip


def _seen(bills: int, total_fen: int) -> dict[str, object]:
    return {"seen_bills": bills, "seen_total_fen": total_fen}


def _unreachable(count: int) -> list[str]:
    return [f"{count:,} 位缴费人还没有绑定企业微信，要另外送达。"] if count else []


def _not_waiting(seen: Figures) -> str:
    if seen.waits:
        return ""
    word = f"{seen.word.actor_name}已经决定过了，" if seen.word else ""
    return f"{word}这批账单现在是「{BILL_RUN.status_names[seen.status]}」。"
