"""Shared costs, formulas and one-off charges."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.bills.model import BillRun
from domain.fees.calc.shared import split_cost
from domain.fees.model import FeeBasis, FeeItem, ShareBy, SharedCost
from domain.rooms.model import RoomArea, RoomKind
from statemachines import bill_run as runs
from tests.domain.bills.month import NOVEMBER, D, amounts, begun, bills, drafted, lines, problems

DECEMBER, MID = date(2026, 12, 1), date(2026, 11, 13)


def light(office, by=ShareBy.AREA, **extra):
    return office.fee("light", basis=FeeBasis.SHARED, share_by=by, **extra)


def cost(office, item, fen, *, start=NOVEMBER, end=DECEMBER, **extra):
    return office._add(
        SharedCost(fee_item_id=item.id, period_start=start, period_end=end, total_fen=fen, **extra)
    )


def test_ninety_kwh_over_forty_thousand_square_metres(office):
    item = light(office)
    cost(office, item, 5_490, total_quantity=D(90))
    areas = ["88.88", "120.50", "79.99", "110.63"] * 10
    for n, area in enumerate(areas):
        office.room(f"{1 + n % 4}-1-{n}", area=area, owner=f"业主{n}")
    found = lines(office, drafted(office))
    assert sum(line.fen for line in found) == 5_490
    assert sum(line.quantity for line in found) == 90
    parts = split_cost(5_490, D(90), [D(area) for area in areas])
    told = {line.room: (line.fen, line.quantity) for line in found}
    assert told == {f"{1 + n % 4}-1-{n}": (p.amount_fen, p.quantity) for n, p in enumerate(parts)}


def test_rooms_that_change_while_chunks_are_drafted_do_not_change_the_split(office):
    item = light(office)
    cost(office, item, 1_000)
    for n in range(3):
        office.room(f"{n}-1-101", owner=f"业主{n}")
    run = begun(office)
    office.session.scalar(select(RoomArea).limit(1)).built_area = D("777.00")
    office.session.flush()
    drafted(office)
    assert amounts(office, run) == [334, 333, 333]


@pytest.mark.parametrize(
    ("by", "weights", "fen"),
    [
        (ShareBy.ROOM, ["1", "1"], [50, 50]),
        (ShareBy.WEIGHT, ["1", "3"], [25, 75]),
        (ShareBy.WEIGHT, ["0", "2"], [100]),
    ],
)
def test_by_room_and_by_weight(office, by, weights, fen):
    cost(office, light(office, by), 100)
    for n, weight in enumerate(weights):
        room = office.room(f"1-1-{n}", area=None, owner=f"业主{n}")
        office._add(
            RoomArea(
                room_id=room.id, built_area=D(10), share_weight=D(weight), from_on=date(2020, 1, 1)
            )
        )
    assert amounts(office, drafted(office)) == fen


def test_scopes_kinds_and_lists_say_who_takes_part(office):
    item = light(office, ShareBy.ROOM)
    office.tariff(item, "0", kind=RoomKind.RESIDENTIAL)
    for code in ("1-1-101", "1-2-101", "2-1-101"):
        office.room(code, owner=f"业主{code}")
    office.room("1-1-1", kind=RoomKind.PARKING, owner="车主")
    first = office.building("1").id
    cost(office, item, 300)
    cost(office, item, 200, building_id=first)
    cost(office, item, 70, building_id=first, entrance="2")
    run = drafted(office)
    assert bills(office, run) == [
        ("1-1-101", "业主1-1-101", 200), ("1-2-101", "业主1-2-101", 270), ("2-1-101", "业主2-1-101", 100),
    ]  # fmt: skip
    assert [line.label for line in lines(office, run) if line.room == "1-2-101"] == [
        None,
        "1栋",
        "1栋2单元",
    ]


def test_a_transfer_cuts_the_part_by_days_and_loses_nothing(office):
    cost(office, light(office, ShareBy.ROOM), 1_001, total_quantity=D("7.0001"))
    room = office.room(owner=None)
    office.lives(room, office.person("旧"), until=MID)
    office.lives(room, office.person("新"), since=MID)
    first, second = lines(office, drafted(office))
    assert (first.fen, second.fen) == (400, 601)
    assert first.quantity + second.quantity == D("7.0001")


def test_a_cost_is_billed_once_and_a_late_one_with_the_next_run(office):
    item = light(office, ShareBy.ROOM)
    office.room()
    cost(office, item, 100)
    assert amounts(office, drafted(office, NOVEMBER)) == [100]
    late = cost(office, item, 70, start=date(2026, 10, 1), end=NOVEMBER)
    (line,) = lines(office, drafted(office, DECEMBER))
    assert (line.fen, line.start, line.end) == (70, late.period_start, late.period_end)
    assert amounts(office, drafted(office, date(2027, 1, 1))) == []


def test_a_rejected_run_lets_go_of_its_costs(office):
    item = light(office, ShareBy.ROOM)
    office.room()
    cost(office, item, 100)
    run = drafted(office)
    runs.decide(
        office.session, run.id, runs.Decision.REJECT, by=office.by, at=office.at, note="重来"
    )
    again = drafted(office)
    assert again.id != run.id
    assert amounts(office, again) == [100]


def test_a_cost_nobody_could_share_is_tried_again_with_the_next_run(office):
    item = light(office)
    late = cost(office, item, 100)
    here = cost(office, item, 70, building_id=office.building("1").id)
    room = office.room(area=None)
    office.room("2-1-101", owner="乙")
    run = drafted(office)
    assert amounts(office, run) == [100]
    assert ("1-1-101", "light", "share_weight_missing") in problems(office.session, run)
    office._add(RoomArea(room_id=room.id, built_area=D(50), from_on=date(2020, 1, 1)))
    (line,) = lines(office, drafted(office, DECEMBER))
    assert (line.room, line.label, line.fen) == ("1-1-101", "1栋", here.total_fen)
    assert late.id < here.id
    assert amounts(office, drafted(office, date(2027, 1, 1))) == []


def test_nobody_to_share_with_and_rooms_without_an_area(office):
    cost(office, light(office), 100)
    office.room("1-1-101", area=None)
    office.room("1-1-102", owner="乙")
    run = drafted(office)
    assert bills(office, run) == [("1-1-102", "乙", 100)]
    assert problems(office.session, run) == [("1-1-101", "light", "share_weight_missing")]


def test_all_weights_zero(office):
    cost(office, light(office, ShareBy.WEIGHT), 100)
    room = office.room(area=None)
    office._add(
        RoomArea(room_id=room.id, built_area=D(10), share_weight=D(0), from_on=date(2020, 1, 1))
    )
    assert problems(office.session, drafted(office)) == [("1-1-101", "light", "share_missing")]


def formula(office, text, price="9"):
    item = office.fee("formula", basis=FeeBasis.FORMULA, formula=text)
    if price:
        office.tariff(item, price)
    return item


def weighed(office, code, weight):
    room = office.room(code, area=None, owner=f"业主{code}")
    office._add(
        RoomArea(
            room_id=room.id, built_area=D("89.5"), share_weight=D(weight), from_on=date(2020, 1, 1)
        )
    )
    return room


def test_a_division_by_zero_is_one_rooms_problem(office):
    formula(office, "单价 / 权重")
    weighed(office, "1-1-101", "0")
    weighed(office, "1-1-102", "3")
    run = drafted(office)
    assert bills(office, run) == [("1-1-102", "业主1-1-102", 300)]
    assert problems(office.session, run) == [("1-1-101", "formula", "formula_division_by_zero")]


def test_a_formula_freezes_its_values(office):
    formula(office, "四舍五入(建筑面积, 0) × 单价")
    weighed(office, "1-1-101", "1")
    (line,) = lines(office, drafted(office))
    assert line.fen == 90 * 900
    assert line.detail["values"] == {"area": "89.5", "price": "9"}


def test_a_formula_of_its_own_time_is_not_prorated(office):
    formula(office, "0.8 × 天数", price=None)
    room = office.room(owner=None)
    office.lives(room, office.person("甲"), until=MID)
    office.lives(room, office.person("乙"), since=MID)
    assert amounts(office, drafted(office)) == [960, 1_440]


def test_a_missing_value_is_named(office):
    formula(office, "套内面积 × 2 + 数量")
    office.room()
    run = drafted(office)
    assert problems(office.session, run) == [("1-1-101", "formula", "formula_missing.indoor_area")]


def test_a_formula_that_nobody_can_read_never_stops_the_run(office):
    formula(office, "单价 × 1")
    office.session.scalar(select(FeeItem)).formula = "单价 ××"
    fixed = office.fee("fixed", basis=FeeBasis.FIXED)
    office.tariff(fixed, "10")
    office.room()
    run = drafted(office)
    assert amounts(office, run) == [1_000]
    assert problems(office.session, run) == [("1-1-101", "formula", "formula_syntax")]


def test_one_off_charges_are_billed_in_their_month_and_never_again(office):
    item = office.fee("repair", basis=FeeBasis.ONE_OFF)
    room = office.room()
    office.charge(room, item, since=date(2026, 11, 30), amount_fen=12_345, label="换锁")
    office.charge(room, item, since=date(2026, 12, 1), amount_fen=500, label="钥匙")
    office.charge(room, item, since=MID)
    run = drafted(office)
    assert [(line.label, line.fen, line.start) for line in lines(office, run)] == [
        ("换锁", 12_345, date(2026, 11, 30))
    ]
    assert problems(office.session, run) == [("1-1-101", "repair", "amount_missing")]
    assert amounts(office, drafted(office, DECEMBER)) == [500]


def test_the_book_is_frozen_at_the_start(office):
    item = office.fee()
    tariff = office.tariff(item, "2.80")
    office.room()
    run = begun(office)
    tariff.unit_price = D("99")
    item.active = False
    office.session.flush()
    drafted(office)
    assert amounts(office, run) == [28_000]
    book = office.session.scalar(select(BillRun.price_book))
    assert book["items"][0]["tariffs"][0]["price"] == "2.800000"
