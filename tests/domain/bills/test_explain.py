"""Why this amount: sentences from what a line froze, that a pocket calculator agrees with."""

import json
from datetime import date

import pytest
from sqlalchemy import select, text

from domain.bills.explain import explain_bill
from domain.bills.model import Bill
from domain.fees.model import FeeBasis, FeeTiming, ShareBy, SharedCost, TierPeriod, VatRate
from domain.meters.model import MeterKind, MeterReading, ReadingKind
from domain.rooms.model import RoomVacancy
from tests.domain.bills.month import NOVEMBER, D, drafted

OCT = date(2026, 10, 1)


def told(office, month=NOVEMBER):
    """The sentences of the only line of the only bill of the month."""
    run = drafted(office, month)
    bill = office.session.scalars(select(Bill).where(Bill.bill_run_id == run.id)).first()
    return [list(line.sentences) for line in explain_bill(office.session, bill).lines]


def test_area_price_and_months(office):
    item = office.fee()
    office.tariff(item, "2.80", version=3)
    office._add(VatRate(fee_item_id=item.id, rate=D("0.06"), from_on=date(2020, 1, 1)))
    office.room(area="89.56")
    assert told(office) == [[
        "建筑面积 89.56 ㎡ × 2.80 元/㎡·月 × 1 个月 = 250.77 元",
        "含增值税 6%，其中税额 ¥14.19",
        "收费标准第 3 版",
    ]]  # fmt: skip


def test_a_part_of_the_month(office):
    office.tariff(office.fee(), "2.80")
    room = office.room(owner=None)
    office.lives(room, office.person("甲"), until=date(2026, 11, 16))
    assert told(office)[0][:2] == [
        "建筑面积 100 ㎡ × 2.80 元/㎡·月 × 15/30 个月 = 140.00 元",
        "11月1日至11月15日，本期 30 天中的 15 天",
    ]


def test_a_quarter_vacancy_and_an_agreed_price(office):
    item = office.fee("parking", basis=FeeBasis.FIXED, cycle_months=3, cycle_anchor_on=NOVEMBER)
    office.tariff(item, "300", vacancy="0.3")
    room = office.room()
    office.charge(room, item, unit_price=D("250"), quantity=D(2))
    office._add(RoomVacancy(room_id=room.id, from_on=date(2020, 1, 1)))
    assert told(office) == [
        ["约定单价 250.00 元/月 × 2 × 3 个月 × 70% = 1050.00 元", "房屋空置，减免 30%"]
    ]


@pytest.fixture
def water(office):
    item = office.fee(
        "water", basis=FeeBasis.METERED, meter_kind=MeterKind.WATER, timing=FeeTiming.POSTPAID,
        tier_period=TierPeriod.PERIOD,
    )  # fmt: skip
    office.tariff(item, "2.10", tiers={"10": "3.15"})
    return item


def test_readings_and_tiers(office, water):
    meter = office.meter(office.room(), {OCT: "120"}, serial='W"1')
    office._add(
        MeterReading(meter_id=meter.id, read_on=NOVEMBER, value=D(135), kind=ReadingKind.ESTIMATED)
    )
    assert told(office) == [[
        '表号 W"1：读数 120（10月1日） → 135（11月1日）（估读），倍率 1',
        "用量 15 吨",
        "第1阶梯 0–10 吨：10 × 2.10 = 21.00 元",
        "第2阶梯 10 吨以上：5 × 3.15 = 15.75 元",
        "合计 36.75 元",
        "收费标准第 1 版",
    ]]  # fmt: skip


def test_shared_formula_and_one_off(office):
    shared = office.fee("light", basis=FeeBasis.SHARED, share_by=ShareBy.ROOM)
    office._add(SharedCost(fee_item_id=shared.id, period_start=NOVEMBER, period_end=date(2026, 12, 1),
                           total_fen=5_490, total_quantity=D(90)))  # fmt: skip
    rule = office.fee("lift", basis=FeeBasis.FORMULA, formula="建筑面积 × 单价")
    office.tariff(rule, "0.5")
    once = office.fee("lock", basis=FeeBasis.ONE_OFF)
    office.charge(office.room(), once, since=NOVEMBER, amount_fen=12_000)
    assert told(office) == [
        ["公摊总额 ¥54.90，总量 90", "本户份额 1，分得用量 90，分摊 54.90 元"],
        ["公式：建筑面积 × 单价 = 50.00 元", "建筑面积 100，单价 0.50", "收费标准第 1 版"],
        ["一次性费用 120.00 元"],
    ]


def test_nothing_is_computed_from_todays_prices(office, water):
    office.meter(office.room(), {OCT: "120", NOVEMBER: "135"})
    before = told(office)
    for change in ("UPDATE tariff SET unit_price = 9", "UPDATE tariff_tier SET unit_price = 9, above = 1",
                   "UPDATE meter_reading SET value = 0", "UPDATE meter SET multiplier = 7"):  # fmt: skip
        office.session.execute(text(change))
    bill = office.session.scalar(select(Bill))
    assert [list(line.sentences) for line in explain_bill(office.session, bill).lines] == before


def test_plain_json_for_machines(office, water):
    office.meter(office.room(), {OCT: "120", NOVEMBER: "135"})
    told(office)
    plain = explain_bill(office.session, office.session.scalar(select(Bill))).as_json()
    assert json.loads(json.dumps(plain, ensure_ascii=False)) == plain
    assert (plain["status"], plain["total_fen"], plain["period_start"]) == (
        "draft",
        3_675,
        "2026-11-01",
    )
    assert plain["lines"][0]["detail"]["tiers"] == [["1", "10", "2.1"], ["2", "5", "3.15"]]
