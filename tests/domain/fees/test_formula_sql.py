"""A formula gives the same fen, and the same failure, in Python and in PostgreSQL."""

from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.fees.calc.formula import Formula, FormulaError, FormulaFailed, check
from domain.fees.calc.units import MONTH_UNITS
from tests.domain.fees.conftest import Ask
from tests.domain.fees.values import RATES, UNITS, decimals, rows_sql

Room: TypeAlias = tuple[Decimal | None, ...]

COLUMNS = ("area", "indoor_area", "price", "quantity", "weight", "days", "period_days")
SQL_COLUMNS: dict[str, str | tuple[str, str]] = {name: f"v.{name}" for name in COLUMNS}
SQL_COLUMNS["months"] = ("v.units", f"{MONTH_UNITS}")

NUMBERS = st.one_of(
    st.integers(0, 200).map(str),
    decimals("0", "99", 3).map(str),
    st.sampled_from(["0", "1", "70%", "0.5"]),
)
WORDS = st.sampled_from(
    ["建筑面积", "indoor_area", "单价", "数量", "权重", "天数", "周期天数", "月数"]
)


def _bigger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    compare = st.sampled_from(["<", "<=", ">", ">=", "=", "<>"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("如果({} {} {}, {}, {})".format, inner, compare, inner, inner, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["最小", "max"]), inner, inner),
        st.builds("最大({}, {}, {})".format, inner, inner, inner),
        st.builds("四舍五入({}, {})".format, inner, st.integers(0, 4)),
        st.builds("{}({})".format, st.sampled_from(["取整", "ceil", "-"]), inner),
    )


FORMULAS = st.recursive(NUMBERS | WORDS, _bigger, max_leaves=10)
SMALL = decimals("-5", "300", 2) | st.sampled_from([Decimal(0), Decimal("0.01"), None])
ROOMS = st.tuples(
    SMALL, SMALL, decimals("0", "50", 6) | st.none(), decimals("-9", "99", 4) | st.none(), SMALL,
    st.integers(1, 31).map(Decimal), st.integers(28, 366).map(Decimal), UNITS, RATES,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(FORMULAS, min_size=15, max_size=25), st.lists(ROOMS, min_size=4, max_size=8))
def test_python_and_sql_agree_to_the_fen(ask: Ask, texts: list[str], rooms: list[Room]) -> None:
    formulas = [rule for text in texts if (rule := _readable(text))]
    if not formulas:
        return
    asked = ask(f"{_statement(formulas, rooms)} ORDER BY formula, room")
    expected = [_python(rule, room) for rule in formulas for room in rooms]
    for (number, room, *found), wanted in zip(asked, expected, strict=True):
        assert tuple(found) == wanted, (formulas[int(number)].text, rooms[int(room)])


def test_one_bad_room_does_not_fail_the_statement(ask: Ask) -> None:
    sql = check("建筑面积 / 权重 * 100").sql({"area": "a", "weight": "w"})
    rows = ask(
        f"SELECT {sql.amount_fen}, {sql.error} FROM (VALUES"
        " (90.0, 3.0), (90, 0), (NULL, 3), (90, 'NaN'), (1e40, 1)) AS v(a, w)"
    )
    assert rows[:3] == [
        (300_000, None),
        (None, "formula_division_by_zero"),
        (None, "formula_missing.area"),
    ]
    assert [code for _, code in rows[3:]] == ["formula_too_large"] * 2


def test_a_constant_that_is_too_large_fails_as_a_row_not_as_a_plan(ask: Ask) -> None:
    sql = check("999999999999 * 999999999999").sql({})
    assert ask(f"SELECT {sql.amount_fen}, {sql.error}") == [(None, "formula_too_large")]


def _readable(text: str) -> Formula | None:
    try:
        return check(text)
    except FormulaError as refused:
        if refused.code not in {"formula_division_by_zero", "formula_too_deep"}:
            raise
        return None


def _statement(formulas: list[Formula], rooms: list[Room]) -> str:
    values = rows_sql((i, *room) for i, room in enumerate(rooms))
    names = ", ".join(("room", *COLUMNS, "units", "discount"))
    selects = []
    for number, rule in enumerate(formulas):
        sql = rule.sql(SQL_COLUMNS, month_units="v.units", discount="v.discount")
        selects.append(f"SELECT {number} AS formula, room, {sql.amount_fen}, {sql.error} FROM v")
    return f"WITH v({names}) AS (VALUES {values}) " + " UNION ALL ".join(selects)


def _python(rule: Formula, room: Room) -> tuple[int | None, str | None]:
    *plain, units, discount = room
    assert units is not None
    assert discount is not None
    values: dict[str, Decimal | int | Fraction | None] = dict(zip(COLUMNS, plain, strict=True))
    values["months"] = Fraction(int(units), MONTH_UNITS)
    try:
        return rule.amount_fen(values, month_units=int(units), discount=discount), None
    except FormulaFailed as failed:
        return None, failed.code
