"""One line of each basis, and the same fen from SQL."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fees.calc import line
from domain.fees.calc.formula import FormulaFailed, check
from domain.fees.calc.line_sql import (
    amount_fen_sql,
    limit_sql,
    tax_fen_sql,
    yuan_to_fen_sql,
)
from domain.fees.calc.meters import MeterSpan, Reading, use_of
from domain.fees.calc.periods import nth_period
from domain.fees.calc.problems import SENTENCES, LineProblem, sentence
from domain.fees.calc.proration import Segment, whole
from domain.fees.calc.shared import SharePart
from domain.fees.calc.tiers import Tier, ladder
from domain.fees.calc.units import MAX_AMOUNT_FEN, MONTH_UNITS
from tests.domain.fees.conftest import Ask
from tests.domain.fees.values import PRICES, QUANTITIES, RATES, UNITS, rows_sql

D = Decimal
PERIOD = nth_period(date(2025, 11, 1), 1, 0)
NOVEMBER = whole(PERIOD)
TWELVE_DAYS = Segment(PERIOD, date(2025, 11, 1), date(2025, 11, 13))
QUARTER = whole(nth_period(date(2025, 1, 15), 3, 0))


def test_built_area() -> None:
    result = line.built_area(NOVEMBER, price=D("2.50"), area=D("89.50"), vat_rate=D("0.06"))
    assert (result.amount_fen, result.tax_fen) == (22_375, 1_267)
    assert (result.quantity, result.unit_price) == (D("89.50"), D("2.50"))
    assert (result.days, result.period_days) == (30, 30)


def test_indoor_area_for_twelve_days() -> None:
    result = line.indoor_area(TWELVE_DAYS, price=D("2.50"), area=D("72.30"))
    assert result.amount_fen == 7_230
    assert (result.days, result.period_days) == (12, 30)
    assert result.detail == {"month_units": 12 * MONTH_UNITS // 30}


def test_fixed_for_a_quarter_is_three_months_exactly() -> None:
    assert line.fixed(QUARTER, price=D("150"), quantity=D(2)).amount_fen == 90_000


def test_vacancy_takes_its_share_before_the_one_rounding() -> None:
    result = line.built_area(NOVEMBER, price=D("1.11"), area=D("33.33"), discount=D("0.3"))
    assert result.amount_fen == 2_590  # 36.9963 x 0.7 = 25.89741 yuan
    assert result.detail["vacancy_discount"] == "0.3"
    assert line.fixed(NOVEMBER, price=D(9), discount=D(1)).amount_fen == 0


def test_metered_by_tiers() -> None:
    steps = ladder(D("3.45"), [Tier(D(12), D("4.83"))])
    use = use_of(MeterSpan(Reading(D("310")), Reading(D("325"))))
    result = line.metered(NOVEMBER, use=use, steps=steps, readings={"first": "310", "last": "325"})
    assert result.amount_fen == 4140 + 1449
    assert (result.quantity, result.unit_price) == (D(15), None)
    assert result.detail["tiers"] == [["1", "12", "3.45"], ["2", "3", "4.83"]]
    assert result.detail["last"] == "325"


def test_metered_within_one_tier_shows_its_price_and_no_use_is_a_zero_line() -> None:
    steps = ladder(D("0.61"))
    assert line.metered(NOVEMBER, use=D(100), steps=steps).unit_price == D("0.61")
    nothing = line.metered(NOVEMBER, use=D(0), steps=steps)
    assert (nothing.amount_fen, nothing.unit_price) == (0, D("0.61"))


def test_a_correction_is_a_negative_line() -> None:
    result = line.metered(NOVEMBER, use=D(-5), before=D(12), steps=ladder(D(3)), vat_rate=D("0.09"))
    assert (result.amount_fen, result.tax_fen) == (-1_500, -124)


def test_shared_keeps_the_split() -> None:
    part = SharePart(57, D("0.1998"))
    result = line.shared(
        NOVEMBER, part=part, weight=D("88.8"), total_fen=5490, total_quantity=D(90)
    )
    assert (result.amount_fen, result.quantity, result.unit_price) == (57, D("0.1998"), None)
    assert result.detail == {"weight": "88.8", "total_fen": 5490, "total_quantity": "90"}


def test_formula_per_month_is_prorated_and_with_months_is_not() -> None:
    values = {"area": D(90), "price": D("1.5")}
    monthly = line.formula(TWELVE_DAYS, rule=check("建筑面积 × 单价"), values=values)
    own = line.formula(TWELVE_DAYS, rule=check("建筑面积 × 单价 × 月数 + 1"), values=values)
    daily = line.formula(TWELVE_DAYS, rule=check("0.5 × 天数"), values=values)
    assert [r.amount_fen for r in (monthly, own, daily)] == [5_400, 5_500, 600]
    assert monthly.detail["values"] == {"area": "90", "price": "1.5"}
    assert monthly.unit_price == D("1.5")


def test_one_off_is_the_agreed_amount() -> None:
    result = line.one_off(TWELVE_DAYS, amount_fen=30_000, vat_rate=D("0.06"))
    assert (result.amount_fen, result.tax_fen, result.unit_price) == (30_000, 1_698, D("300.00"))


@pytest.mark.parametrize(
    ("code", "priced"),
    [
        ("area_missing", lambda: line.built_area(NOVEMBER, price=D(1), area=None)),
        ("indoor_area_missing", lambda: line.indoor_area(NOVEMBER, price=D(1), area=None)),
        ("price_missing", lambda: line.built_area(NOVEMBER, price=None, area=D(1))),
        ("price_missing", lambda: line.fixed(NOVEMBER, price=None)),
        ("amount_missing", lambda: line.one_off(NOVEMBER, amount_fen=None)),
        ("amount_too_large", lambda: line.fixed(NOVEMBER, price=D("100000001"))),
        ("amount_too_large", lambda: line.one_off(NOVEMBER, amount_fen=MAX_AMOUNT_FEN + 1)),
    ],
)  # fmt: skip
def test_what_cannot_be_priced_is_named_and_never_zero(code: str, priced: object) -> None:
    assert callable(priced)
    with pytest.raises(LineProblem) as problem:
        priced()
    assert problem.value.code == code
    assert problem.value.message == SENTENCES[code] == sentence(code)


def test_a_formula_without_its_value_is_named() -> None:
    with pytest.raises(FormulaFailed) as failed:
        line.formula(NOVEMBER, rule=check("套内面积 × 2"), values={"indoor_area": None})
    assert failed.value.code == "formula_missing.indoor_area"
    assert "套内面积" in sentence(failed.value.code)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(PRICES, QUANTITIES, UNITS, RATES), min_size=50, max_size=100))
def test_sql_prices_the_same(ask: Ask, cases: list[tuple[Decimal, Decimal, int, Decimal]]) -> None:
    amount = amount_fen_sql("p", "q", "u", "d")
    rows = ask(
        f"SELECT {amount}, {limit_sql(amount)} FROM (VALUES {rows_sql(cases)}) AS v(p, q, u, d)"
    )
    for (fen, code), (price, quantity, units, discount) in zip(rows, cases, strict=True):
        wanted = partial(line.amount_of, price, quantity, month_units=units, discount=discount)
        _agree(fen, code, wanted)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), RATES), min_size=50, max_size=100))
def test_sql_finds_the_same_tax(ask: Ask, cases: list[tuple[int, Decimal]]) -> None:
    rows = ask(f"SELECT {tax_fen_sql('a', 'r')} FROM (VALUES {rows_sql(cases)}) AS v(a, r)")
    assert [row[0] for row in rows] == [line.tax_of(*case) for case in cases]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(PRICES, QUANTITIES), min_size=50, max_size=100))
def test_sql_rounds_metered_lines_the_same(ask: Ask, cases: list[tuple[Decimal, Decimal]]) -> None:
    amount = yuan_to_fen_sql("p * q")
    rows = ask(f"SELECT {amount}, {limit_sql(amount)} FROM (VALUES {rows_sql(cases)}) AS v(p, q)")
    for (fen, code), (price, quantity) in zip(rows, cases, strict=True):
        priced = partial(line.metered, NOVEMBER, use=quantity, steps=ladder(price))
        _agree(fen, code, partial(_fen, priced))


def _agree(fen: Decimal, code: str | None, wanted: Callable[[], int]) -> None:
    """Python gives the same amount, or refuses with the code that SQL gave."""
    if code is None:
        assert fen == wanted()
        return
    with pytest.raises(LineProblem) as problem:
        wanted()
    assert problem.value.code == code


def _fen(priced: Callable[[], line.LineResult]) -> int:
    return priced().amount_fen
