"""公摊: the parts are the whole, and SQL breaks ties as Python does."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fees.calc.problems import LineProblem
from domain.fees.calc.shared import split_cost, split_sql, split_steps
from tests.domain.fees.conftest import Ask
from tests.domain.fees.values import decimals, rows_sql

D = Decimal
WEIGHTS = decimals("0", "500", 2) | st.sampled_from([D(0), D(1), D("88.88")])


def test_ninety_kwh_over_forty_thousand_square_metres() -> None:
    areas = [D("88.88"), D("120.5"), D("79.99"), D("110.63")] * 100
    parts = split_cost(5_490, D(90), areas)
    assert sum(areas) == D("40000.00")
    assert sum(part.amount_fen for part in parts) == 5_490
    assert sum(part.quantity or 0 for part in parts) == D(90)


def test_one_fen_goes_to_the_first_of_equals() -> None:
    assert split_steps(100, [D(1), D(1), D(1)]) == [34, 33, 33]
    assert split_steps(-100, [D(1), D(1), D(1)]) == [-34, -33, -33]
    assert split_steps(2, [D(0), D(1), D(0), D(3)]) == [0, 1, 0, 1]


def test_money_alone_has_no_quantity() -> None:
    assert [part.quantity for part in split_cost(10, None, [D(1), D(2)])] == [None, None]


@pytest.mark.parametrize("weights", [[], [D(0)], [D(0), D(0)]])
def test_nobody_to_share_with_is_a_problem(weights: list[Decimal]) -> None:
    with pytest.raises(LineProblem, match="公摊") as problem:
        split_steps(1, weights)
    assert problem.value.code == "share_missing"


def test_what_the_database_would_refuse_is_a_bug() -> None:
    with pytest.raises(ValueError, match="negative"):
        split_steps(1, [D(1), D(-1)])
    with pytest.raises(ValueError, match="four decimals"):
        split_cost(1, D("0.00001"), [D(1)])


@given(st.integers(-(10**9), 10**9), st.lists(WEIGHTS, min_size=1, max_size=60))
def test_parts_add_up_and_are_within_one_step(total: int, weights: list[Decimal]) -> None:
    if not sum(weights):
        return
    parts = split_steps(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9), decimals("0", "99999", 4) | st.none(),
                  st.lists(WEIGHTS, min_size=1, max_size=40)),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_sql_splits_the_same(
    ask: Ask, costs: list[tuple[int, Decimal | None, list[Decimal]]]
) -> None:
    rows = [(cost, room, fen, quantity, weight)
            for cost, (fen, quantity, weights) in enumerate(costs)
            for room, weight in enumerate(weights)]  # fmt: skip
    source = f"(SELECT * FROM (VALUES {rows_sql(rows)}) AS v(cost, room, fen, quantity, weight))"
    query = split_sql(
        source, {"amount_fen": "fen", "steps": "(quantity * 10000)"}, keep=["cost", "room"],
        weight="weight", order="room", whole="cost",
    )  # fmt: skip
    asked = ask(f"{query} ORDER BY cost, room")
    expected = [row for cost in enumerate(costs) for row in _python(*cost)]
    assert [tuple(row) for row in asked] == expected


def _python(
    cost: int, told: tuple[int, Decimal | None, list[Decimal]]
) -> list[tuple[int, int, int | None, Decimal | None]]:
    fen, quantity, weights = told
    if not sum(weights):
        return [(cost, room, None, None) for room in range(len(weights))]
    parts = split_cost(fen, quantity, weights)
    return [
        (cost, room, part.amount_fen, None if part.quantity is None else part.quantity * 10_000)
        for room, part in enumerate(parts)
    ]


def test_one_cost_needs_no_partition(ask: Ask) -> None:
    query = split_sql(
        "(VALUES (1), (2), (3))", {"fen": "100"}, keep=["column1"], weight="1", order="column1"
    )
    assert ask(f"{query} ORDER BY column1") == [(1, 34), (2, 33), (3, 33)]
