"""公摊 of an item: entered with a look at how it splits, confirmed, taken back while not billed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.bills import shared_costs
from domain.bills.shared_costs import CostFacts
from domain.errors import BackOfficeError, Invalid
from domain.fees.costs import ScopeNotFound
from domain.fees.model import FeeBasis, FeeItem
from domain.fees.words import SHARE_BY_NAMES
from domain.money import yuan
from domain.rooms import buildings
from gateway.web.amounts import parse_fen
from gateway.web.attempts import attempt, status
from gateway.web.days import day
from gateway.web.desk.fees_page import editable
from gateway.web.fields import CostId, FeeId, FormKey, Typed, one_line
from gateway.web.numbers import optional_number, plain
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from gateway.web.sure import Sure, may_ask_again, reason, sure
from gateway.web.words import period

router = APIRouter(prefix="/desk/fees/{fee_id}/costs")

T = TypeVar("T")


@dataclass(frozen=True)
class CostTyped:
    """The form, as it was typed."""

    total: str = ""
    quantity: str = ""
    from_on: str = ""
    to_on: str = ""
    building: str = ""
    entrance: str = ""

    def facts(self) -> CostFacts:
        """Read, or a refusal that names the field."""
        if not self.total.strip():
            raise Invalid("请填写公摊总额")
        return CostFacts(
            parse_fen(self.total),
            day(self.from_on, "从哪天起"),
            day(self.to_on, "到哪天止"),
            optional_number(self.quantity, "总用量"),
            self.building or None,
            self.entrance or None,
        )


def typed(
    total: Typed = "",
    quantity: Typed = "",
    from_on: Typed = "",
    to_on: Typed = "",
    building: Typed = "",
    entrance: Typed = "",
) -> CostTyped:
    """The fields of the form."""
    said = (total, quantity, from_on, to_on)
    return CostTyped(*said, one_line(building), one_line(entrance))


FormCost = Annotated[CostTyped, Depends(typed)]


@router.get("/new")
def ask(request: Request, fee_id: FeeId) -> Response:
    """The form, for the month that is over."""
    with at_desk(request) as desk:
        first = clock.local_day(desk.at).replace(day=1)
        last = (first - timedelta(days=1)).replace(day=1)
        blank = CostTyped(from_on=last.isoformat(), to_on=first.isoformat())
        return _form(request, desk, _shared(desk, fee_id), blank)


@router.post("/edit")
def back(request: Request, fee_id: FeeId, entered: FormCost, form_key: FormKey = "") -> Response:
    """The form again, as it was left."""
    with at_desk(request, form_key=form_key) as desk:
        return _form(request, desk, _shared(desk, fee_id), entered)


@router.post("/confirm")
def confirm(request: Request, fee_id: FeeId, entered: FormCost, form_key: FormKey = "") -> Response:
    """How it would split, in figures; nothing has been entered yet."""
    with at_desk(request, form_key=form_key) as desk:
        item = _shared(desk, fee_id)

        def look() -> tuple[CostFacts, shared_costs.Split]:
            facts = entered.facts()
            return facts, _in_scope(lambda: shared_costs.try_out(desk.session, item, facts))

        found = attempt(desk, look)
        if isinstance(found, BackOfficeError):
            return _form(request, desk, item, entered, refusal=found)
        facts, split = found
        return page(
            request, "desk/fee_cost_confirm.html", desk=desk, here="fees", item=item,
            entered=entered, facts=facts, split=split, plain=plain,
            share_by=SHARE_BY_NAMES[item.share_by] if item.share_by else "",
            scope=_scope(desk, item, facts), amounts=_amounts(desk, item),
        )  # fmt: skip


@router.post("")
def enter(request: Request, fee_id: FeeId, entered: FormCost, form_key: FormKey = "") -> Response:
    """Enter it; a second click finds it entered."""
    with at_desk(request, form_key=form_key) as desk:
        item = _shared(desk, fee_id)
        saved = attempt(
            desk,
            lambda: _in_scope(
                lambda: shared_costs.enter(
                    desk.session, item, entered.facts(), by=desk.access.actor, at=desk.at
                )
            ),
        )
        if isinstance(saved, BackOfficeError):
            return _form(request, desk, item, entered, refusal=saved)
    return RedirectResponse(f"/desk/fees/{fee_id}?done=shared", 303)


@router.get("/{cost_id}/take-back")
def ask_back(request: Request, fee_id: FeeId, cost_id: CostId) -> Response:
    """What taking it back means."""
    with at_desk(request) as desk:
        return sure(request, desk, _taking_back(desk, _shared(desk, fee_id), cost_id))


@router.post("/{cost_id}/take-back")
def take_back(
    request: Request, fee_id: FeeId, cost_id: CostId, note: Typed = "", form_key: FormKey = ""
) -> Response:
    """Forget it, unless a run has split it."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            item = _shared(desk, fee_id)
            said = reason(note, "撤回公摊")
            shared_costs.take_back(
                desk.session, item, cost_id, by=desk.access.actor, at=desk.at, note=said
            )
    except BackOfficeError as refusal:
        may_ask_again(refusal)
        with at_desk(request, form_key=form_key) as desk:
            what = _taking_back(desk, _shared(desk, fee_id), cost_id)
            return sure(request, desk, what, note=note, refusal=refusal)
    return RedirectResponse(f"/desk/fees/{fee_id}?done=unshared", 303)


def _shared(desk: Desk, fee_id: int) -> FeeItem:
    item = editable(desk, fee_id)
    if item.basis is not FeeBasis.SHARED:
        raise Invalid(f"「{item.name}」不是公摊费用")
    return item


def _in_scope(act: Callable[[], T]) -> T:
    """A building or entrance that is not there was typed: the form can mend it."""
    try:
        return act()
    except ScopeNotFound as refusal:
        raise Invalid(refusal.message) from refusal


def _amounts(desk: Desk, item: FeeItem) -> bool:
    return desk.access.may("bills.see", community_id=item.community_id)


def _scope(desk: Desk, item: FeeItem, facts: CostFacts) -> str:
    names = dict(buildings.of_community(desk.session, item.community_id))
    if facts.building is None:
        return "全小区"
    return names.get(facts.building, facts.building) + (
        f" {facts.entrance}单元" if facts.entrance else ""
    )


def _taking_back(desk: Desk, item: FeeItem, cost_id: int) -> Sure:
    row = shared_costs.find(desk.session, item, cost_id)
    days = period(row.cost.period_start, row.cost.period_end)
    return Sure(
        here="fees",
        title="撤回公摊",
        sentence=f"撤回{item.name} {row.scope} {days}的公摊",
        figures=[("总额", yuan(row.cost.total_fen))] if _amounts(desk, item) else [],
        warnings=["撤回以后下次出账不再分摊它；要收，请重新录入。"],
        action=f"/desk/fees/{item.id}/costs/{cost_id}/take-back",
        button="确认撤回",
        back=f"/desk/fees/{item.id}",
        reason="撤回的原因（会记录在案）",
        blocked=shared_costs.billed(row.run_id) if row.run_id else "",
        grave=True,
    )


def _form(
    request: Request,
    desk: Desk,
    item: FeeItem,
    entered: CostTyped,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    places = buildings.of_community(desk.session, item.community_id)
    return page(
        request, "desk/fee_cost.html", status=status(refusal), desk=desk, here="fees", item=item,
        entered=entered, places=places, refusal=refusal.message if refusal else "",
        share_by=SHARE_BY_NAMES[item.share_by] if item.share_by else "",
    )  # fmt: skip
