"""One fee item: its prices from day to day, its tax rate, and the rooms charged it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.bills import shared_costs
from domain.company.queries import names_by_id
from domain.errors import BackOfficeError, Invalid
from domain.fees import charging, listing, words
from domain.fees import desk as pricing
from domain.fees.charging import ChargeFacts
from domain.fees.model import FeeBasis, FeeItem
from gateway.web.amounts import parse_fen
from gateway.web.attempts import attempt, status
from gateway.web.days import day, optional_day
from gateway.web.desk.sought import sought
from gateway.web.fields import ChargeId, FeeId, FormKey, Typed, one_line
from gateway.web.numbers import number, optional_number, optional_percent, percent, plain
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/fees/{fee_id}")

DONE = {
    "created": "费用已新增。接着设定单价，下次出账就会算它。",
    "price": "收费标准已保存，从生效日起的新账单按它计算；已经出的账单不变。",
    "vat": "税率已保存，从生效日起的新账单按它拆分税额。",
    "charged": "收费已登记，下次出账开始收。",
    "ended": "收费到那天为止，以后不再收。",
    "renamed": "名称已改，账单上从现在起都用新名称；金额不变。",
    "stopped": "已停用，下次出账起不再算它；已经出的账单不变。",
    "started": "已启用，下次出账起又会算它。",
    "shared": "公摊已录入，下次出账分摊到户；出账以前可以撤回。",
    "unshared": "公摊已撤回，不会再分摊。",
}


@dataclass(frozen=True)
class ChargeTyped:
    """The form of a charge, as it was typed."""

    room: str = ""
    label: str = ""
    quantity: str = "1"
    unit_price: str = ""
    amount: str = ""
    from_on: str = ""
    to_on: str = ""
    note: str = ""

    def facts(self) -> ChargeFacts:
        """Read, or a refusal that names the field."""
        return ChargeFacts(
            from_on=day(self.from_on, "从哪天起"),
            to_on=optional_day(self.to_on, "到哪天止"),
            label=self.label or None,
            quantity=number(self.quantity or "1", "数量"),
            unit_price=optional_number(self.unit_price, "单独约定的单价"),
            amount_fen=parse_fen(self.amount) if self.amount.strip() else None,
            note=self.note or None,
        )


def charge_typed(
    room: Typed = "",
    label: Typed = "",
    quantity: Typed = "1",
    unit_price: Typed = "",
    amount: Typed = "",
    from_on: Typed = "",
    to_on: Typed = "",
    note: Typed = "",
) -> ChargeTyped:
    """The fields of the form."""
    said = (one_line(room), one_line(label), quantity, unit_price, amount, from_on, to_on)
    return ChargeTyped(*said, one_line(note))


@router.get("")
def fee(request: Request, fee_id: FeeId, done: str = "") -> Response:
    """The item with everything dated."""
    with at_desk(request) as desk:
        item = listing.item(desk.session, fee_id)
        desk.may("fees.see", community_id=item.community_id)
        return show(request, desk, item, done=DONE.get(done, ""))


@router.post("/vat")
def set_vat(
    request: Request,
    fee_id: FeeId,
    rate: Typed = "",
    vat_from: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """A tax rate from a day on."""
    with at_desk(request, form_key=form_key) as desk:
        item = editable(desk, fee_id)

        def act() -> None:
            found = optional_percent(rate, "税率")
            if found is None:
                raise Invalid("请填写税率")
            pricing.set_vat(
                desk.session, item, found, from_on=day(vat_from, "税率从哪天起"),
                by=desk.access.actor, at=desk.at,
            )  # fmt: skip

        saved = attempt(desk, act)
        if isinstance(saved, BackOfficeError):
            return show(request, desk, item, refusal=saved, rate=rate, vat_from=vat_from)
    return RedirectResponse(f"/desk/fees/{fee_id}?done=vat", 303)


@router.post("/charges")
def charge(
    request: Request,
    fee_id: FeeId,
    entered: Annotated[ChargeTyped, Depends(charge_typed)],
    form_key: FormKey = "",
) -> Response:
    """Charge one room of its own accord."""
    with at_desk(request, form_key=form_key) as desk:
        item = editable(desk, fee_id)
        code = sought(entered.room).code or entered.room
        saved = attempt(
            desk,
            lambda: charging.add(
                desk.session, item, code, entered.facts(), by=desk.access.actor, at=desk.at
            ),
        )
        if isinstance(saved, BackOfficeError):
            return show(request, desk, item, charge=entered, refusal=saved)
    return RedirectResponse(f"/desk/fees/{fee_id}?done=charged", 303)


@router.post("/charges/{charge_id}/end")
def end_charge(
    request: Request, fee_id: FeeId, charge_id: ChargeId, to_on: Typed = "", form_key: FormKey = ""
) -> Response:
    """Stop charging from a day on."""
    with at_desk(request, form_key=form_key) as desk:
        item = editable(desk, fee_id)
        saved = attempt(
            desk,
            lambda: charging.end(
                desk.session, item, charge_id, day(to_on, "从哪天起不收"),
                by=desk.access.actor, at=desk.at,
            ),
        )  # fmt: skip
        if isinstance(saved, BackOfficeError):
            return show(request, desk, item, refusal=saved)
    return RedirectResponse(f"/desk/fees/{fee_id}?done=ended", 303)


def editable(desk: Desk, fee_id: int) -> FeeItem:
    """The item, where the colleague may change it."""
    item = listing.item(desk.session, fee_id)
    desk.may("fees.edit", community_id=item.community_id)
    return item


def show(
    request: Request,
    desk: Desk,
    item: FeeItem,
    *,
    done: str = "",
    charge: ChargeTyped | None = None,
    rate: str = "",
    vat_from: str = "",
    renamed: str | None = None,
    refusal: BackOfficeError | None = None,
) -> Response:
    """The page, or the page again with what was typed."""
    shared = item.basis is FeeBasis.SHARED
    on = clock.local_day(desk.at)
    return page(
        request, "desk/fee.html", status=status(refusal), desk=desk, here="fees", item=item,
        community_name=names_by_id(desk.session)[item.community_id], words=words, today=on,
        tariffs=listing.tariffs(desk.session, item.id), rates=listing.rates(desk.session, item.id),
        charges=listing.charges(desk.session, item.id, on=on), plain=plain, percent=percent,
        charge_count=listing.count_charges(desk.session, item.id, on=on),
        edits=desk.access.may("fees.edit", community_id=item.community_id),
        charge=charge or ChargeTyped(from_on=on.isoformat()), charge_open=charge is not None,
        rate=rate, vat_from=vat_from or on.isoformat(), done=done, renamed=renamed,
        costs=shared_costs.of_item(desk.session, item) if shared else [],
        amounts=desk.access.may("bills.see", community_id=item.community_id),
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
