"""A price from a day on: typed, shown in its consequences, then set."""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.bills import trial
from domain.bills.trial import Trial
from domain.errors import BackOfficeError, Invalid
from domain.fees import desk as pricing
from domain.fees import listing, words
from domain.fees.desk import PriceFacts
from domain.fees.model import FeeItem
from domain.rooms.model import ROOM_KIND_NAMES, RoomKind
from gateway.web.attempts import attempt, status
from gateway.web.days import day
from gateway.web.desk.fees_page import editable
from gateway.web.fields import FeeId, FormKey, Typed
from gateway.web.numbers import number, optional_percent, plain
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/fees/{fee_id}/price")

Lines = Annotated[str, Form(max_length=1000)]
_BAND = re.compile(r"[:：=\s]+")


@dataclass(frozen=True)
class PriceTyped:
    """The form, as it was typed; tiers one a line, `起点 单价`."""

    unit_price: str = ""
    from_on: str = ""
    kind: str = ""
    bands: str = ""
    discount: str = ""

    def facts(self) -> PriceFacts:
        """Read, or a refusal that names the field."""
        if self.kind and self.kind not in list(RoomKind):
            raise Invalid("请选择房屋类型")
        return PriceFacts(
            number(self.unit_price, "单价"),
            day(self.from_on, "从哪天起"),
            RoomKind(self.kind) if self.kind else None,
            self._bands(),
            optional_percent(self.discount, "空置减免") or Decimal(0),
        )

    def _bands(self) -> dict[Decimal, Decimal]:
        found: dict[Decimal, Decimal] = {}
        for line in filter(None, (row.strip() for row in self.bands.splitlines())):
            parts = _BAND.split(line)
            if len(parts) != 2:
                raise Invalid(f"看不懂阶梯「{line[:20]}」，每行写“超过多少 单价”，如 15 4.35")
            above = number(parts[0], "阶梯起点")
            if above in found:
                raise Invalid("阶梯的起点不能重复")
            found[above] = number(parts[1], "阶梯单价")
        return found


def typed(
    unit_price: Typed = "",
    from_on: Typed = "",
    kind: Typed = "",
    bands: Lines = "",
    discount: Typed = "",
) -> PriceTyped:
    """The fields of the form."""
    return PriceTyped(unit_price, from_on, kind, bands, discount)


FormPrice = Annotated[PriceTyped, Depends(typed)]


@router.get("")
def ask(request: Request, fee_id: FeeId) -> Response:
    """The form, with the price of today in it and the first of next month as its day."""
    with at_desk(request) as desk:
        item = editable(desk, fee_id)
        return _form(request, desk, item, _blank(desk, item))


@router.post("/edit")
def back(request: Request, fee_id: FeeId, entered: FormPrice, form_key: FormKey = "") -> Response:
    """The form again, as it was left."""
    with at_desk(request, form_key=form_key) as desk:
        return _form(request, desk, editable(desk, fee_id), entered)


@router.post("/confirm")
def confirm(
    request: Request, fee_id: FeeId, entered: FormPrice, form_key: FormKey = ""
) -> Response:
    """What would happen, in figures; nothing has happened yet."""
    with at_desk(request, form_key=form_key) as desk:
        item = editable(desk, fee_id)
        planned = attempt(desk, lambda: _planned(desk, item, entered))
        if isinstance(planned, BackOfficeError):
            return _form(request, desk, item, entered, refusal=planned)
        facts, tried = planned
        return page(
            request, "desk/fee_price_confirm.html", desk=desk, here="fees", item=item,
            entered=entered, facts=facts, tried=tried, words=words, plain=plain,
            amounts=desk.access.may("bills.see", community_id=item.community_id),
            kind=ROOM_KIND_NAMES[facts.room_kind] if facts.room_kind else "",
            past=facts.from_on < clock.local_day(desk.at),
            opened=pricing.seen(desk.session, item.id),
        )  # fmt: skip


@router.post("")
def set_price(
    request: Request,
    fee_id: FeeId,
    entered: FormPrice,
    opened: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Set it; a second click finds it set."""
    with at_desk(request, form_key=form_key) as desk:
        item = editable(desk, fee_id)
        saved = attempt(
            desk,
            lambda: pricing.set_price(
                desk.session, item, entered.facts(),
                opened=opened, by=desk.access.actor, at=desk.at,
            ),
        )  # fmt: skip
        if isinstance(saved, BackOfficeError):
            return _form(request, desk, item, entered, refusal=saved)
    return RedirectResponse(f"/desk/fees/{fee_id}?done=price", 303)


def _planned(desk: Desk, item: FeeItem, entered: PriceTyped) -> tuple[PriceFacts, Trial | None]:
    facts = entered.facts()
    pricing.check(desk.session, item, facts)
    if item.basis in trial.UNPRICED:
        return facts, None
    today = clock.local_day(desk.at)
    told = facts.told()
    return facts, trial.of_price(desk.session, item, told, from_on=facts.from_on, today=today)


def _blank(desk: Desk, item: FeeItem) -> PriceTyped:
    today = clock.local_day(desk.at)
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    for one in listing.tariffs(desk.session, item.id):
        if one.row.to_on is None and one.row.room_kind is None:
            bands = "\n".join(f"{plain(step.above)} {plain(step.unit_price)}" for step in one.tiers)
            discount = plain(one.row.vacancy_discount * 100) if one.row.vacancy_discount else ""
            said = plain(one.row.unit_price)
            return PriceTyped(said, first.isoformat(), "", bands, discount)
    return PriceTyped(from_on=first.isoformat())


def _form(
    request: Request,
    desk: Desk,
    item: FeeItem,
    entered: PriceTyped,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    return page(
        request, "desk/fee_price.html", status=status(refusal), desk=desk, here="fees", item=item,
        entered=entered, words=words, kinds=[(k.value, name) for k, name in ROOM_KIND_NAMES.items()],
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
