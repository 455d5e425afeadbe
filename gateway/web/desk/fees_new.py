"""A new fee item: how its amounts come about, how often, and for whom."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain.company import editing
from domain.errors import BackOfficeError, Invalid
from domain.fees import desk as pricing
from domain.fees import words
from domain.fees.calc.formula.names import USAGE, VARIABLES
from domain.fees.calc.periods import CYCLES
from domain.fees.model import FeeBasis, FeeItem, FeeTiming, ShareBy, TierPeriod
from domain.meters.model import METER_KIND_NAMES, MeterKind
from gateway.web.attempts import attempt, chosen, status
from gateway.web.days import optional_day
from gateway.web.fields import FormKey, Typed, one_line
from gateway.web.numbers import whole
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/fees")

Ticked = Annotated[bool, Form()]
LongText = Annotated[str, Form(max_length=1000)]
ANCHOR = date(2000, 1, 1)


@dataclass(frozen=True)
class FeeTyped:
    """The form, as it was typed; what does not belong to the basis is left aside."""

    community: str = ""
    name: str = ""
    code: str = ""
    basis: str = FeeBasis.BUILT_AREA.value
    cycle: str = "1"
    anchor: str = ""
    timing: str = ""
    meter_kind: str = MeterKind.WATER.value
    tier_period: str = TierPeriod.PERIOD.value
    share_by: str = ShareBy.AREA.value
    formula: str = ""
    listed_only: bool = False

    def how(self) -> dict[str, Any]:
        """The columns beside code, name and basis, or a refusal."""
        basis = _one_of(FeeBasis, self.basis, "计费方式")
        metered = basis is FeeBasis.METERED
        cycle = whole(self.cycle, "收费周期", most=12)
        if cycle not in CYCLES:
            raise Invalid(f"收费周期只能是 {'、'.join(map(str, CYCLES))} 个月")
        # A meter is read when the period is over: billed before, every reading would be missing.
        usual = FeeTiming.POSTPAID if metered or basis is FeeBasis.SHARED else FeeTiming.PREPAID
        return {
            "basis": basis,
            "cycle_months": cycle,
            "cycle_anchor_on": optional_day(self.anchor, "周期从哪天起算") or ANCHOR,
            "timing": _one_of(FeeTiming, self.timing, "出账时间") if self.timing else usual,
            "meter_kind": _one_of(MeterKind, self.meter_kind, "表具类型") if metered else None,
            "tier_period": _one_of(TierPeriod, self.tier_period, "阶梯") if metered else None,
            "share_by": _one_of(ShareBy, self.share_by, "公摊方式")
            if basis is FeeBasis.SHARED
            else None,
            "formula": self.formula.strip() if basis is FeeBasis.FORMULA else None,
            "listed_only": self.listed_only or basis is FeeBasis.ONE_OFF,
        }


def typed(
    community: Typed = "",
    name: Typed = "",
    code: Typed = "",
    basis: Typed = FeeBasis.BUILT_AREA.value,
    cycle: Typed = "1",
    anchor: Typed = "",
    timing: Typed = "",
    meter_kind: Typed = MeterKind.WATER.value,
    tier_period: Typed = TierPeriod.PERIOD.value,
    share_by: Typed = ShareBy.AREA.value,
    formula: LongText = "",
    listed_only: Ticked = False,  # noqa: FBT002 - a tick box of a form
) -> FeeTyped:
    """The fields of the form."""
    return FeeTyped(
        community, one_line(name), one_line(code), basis, cycle, anchor, timing, meter_kind,
        tier_period, share_by, formula, listed_only,
    )  # fmt: skip


@router.get("/new")
def ask(request: Request) -> Response:
    """An empty form."""
    with at_desk(request) as desk:
        return _form(request, desk, FeeTyped())


@router.post("/new")
def create(
    request: Request, entered: Annotated[FeeTyped, Depends(typed)], form_key: FormKey = ""
) -> Response:
    """Save it; a formula that cannot be read is refused at its place."""
    with at_desk(request, form_key=form_key) as desk:
        desk.access.require_somewhere("fees.edit")
        made = attempt(desk, lambda: _created(desk, entered))
        if isinstance(made, BackOfficeError):
            return _form(request, desk, entered, refusal=made)
    return RedirectResponse(f"/desk/fees/{made.id}?done=created", 303)


def _created(desk: Desk, entered: FeeTyped) -> FeeItem:
    place = editing.community(desk.session, chosen(entered.community, "小区"))
    by = desk.may("fees.edit", community_id=place.id)
    return pricing.add_item(
        desk.session, community_id=place.id, code=entered.code, name=entered.name,
        by=by, at=desk.at, **entered.how(),
    )  # fmt: skip


def _one_of(kind: Any, typed: str, name: str) -> Any:
    if typed not in list(kind):
        raise Invalid(f"请选择{name}")
    return kind(typed)


def _form(
    request: Request, desk: Desk, entered: FeeTyped, *, refusal: BackOfficeError | None = None
) -> Response:
    desk.access.require_somewhere("fees.edit")
    here = desk.access.communities(desk.session, "fees.edit", whole=True)
    choices: dict[str, dict[Any, str]] = {
        "bases": words.BASIS_NAMES, "timings": words.TIMING_NAMES, "meters": METER_KIND_NAMES,
        "tier_periods": words.TIER_PERIOD_NAMES, "shares": words.SHARE_BY_NAMES,
    }  # fmt: skip
    return page(
        request, "desk/fee_new.html", status=status(refusal), desk=desk, here="fees",
        entered=entered, communities=[(one.id, one.name) for one in here],
        cycles=list(words.CYCLE_NAMES.items()), variables=VARIABLES.values(), usage=USAGE,
        refusal=refusal.message if refusal else "",
        **{key: [(one.value, said) for one, said in named.items()]
           for key, named in choices.items()},
    )  # fmt: skip
