"""Area and fixed items: whole months, parts of months, and everything that changes inside one."""

from datetime import date

import pytest

from domain.fees.model import FeeBasis, VatRate
from domain.people.model import OccupancyRole
from domain.rooms.model import RoomArea, RoomKind, RoomVacancy
from tests.domain.bills.month import D, amounts, bills, drafted, lines, problems

MID = date(2026, 11, 13)


@pytest.fixture
def property_fee(office):
    item = office.fee(listed_only=False)
    office.tariff(item, "2.80")
    return item


def test_a_whole_month_is_price_times_area(office, property_fee):
    office.room(area="89.56")
    run = drafted(office)
    (line,) = lines(office, run)
    assert (line.fen, line.quantity, line.price) == (25_077, D("89.56"), D("2.80"))
    assert (line.days, line.period_days, line.detail) == (30, 30, {})
    assert bills(office, run) == [("1-1-101", "潘超", 25_077)]


def test_a_tenant_who_pays_gets_the_bill(office, property_fee):
    room = office.room(owner=None)
    office.lives(room, office.person("业主"), pays=False)
    office.lives(room, office.person("租户"), role=OccupancyRole.TENANT)
    assert bills(office, drafted(office)) == [("1-1-101", "租户", 28_000)]


def test_a_transfer_in_mid_month_makes_two_bills_that_add_up(office, property_fee):
    room = office.room(owner=None)
    office.lives(room, office.person("林晓"), until=MID)
    office.lives(room, office.person("何川"), since=MID)
    run = drafted(office)
    assert bills(office, run) == [("1-1-101", "林晓", 11_200), ("1-1-101", "何川", 16_800)]
    assert [(line.days, line.period_days) for line in lines(office, run)] == [(12, 30), (18, 30)]


def test_the_same_payer_registered_anew_cuts_nothing(office, property_fee):
    room, owner = office.room(owner=None), office.person("林晓")
    office.lives(room, owner, until=MID)
    office.lives(room, owner, since=MID, role=OccupancyRole.TENANT)
    assert amounts(office, drafted(office)) == [28_000]


def test_days_without_a_payer_are_billed_and_named(office, property_fee):
    room = office.room(owner=None)
    office.lives(room, office.person("林晓"), until=MID)
    run = drafted(office)
    assert bills(office, run) == [("1-1-101", "林晓", 11_200), ("1-1-101", None, 16_800)]
    assert problems(office.session, run) == [("1-1-101", None, "payer_missing")]


def test_a_price_changes_inside_the_period(office):
    item = office.fee()
    office.tariff(item, "2.00", until=MID)
    office.tariff(item, "3.00", since=MID, version=2)
    office.room()
    assert amounts(office, drafted(office)) == [8_000, 18_000]


def test_an_area_is_corrected_inside_the_period(office, property_fee):
    room = office.room(area=None)
    for area, since, until in (("100.00", date(2020, 1, 1), MID), ("90.00", MID, None)):
        office._add(RoomArea(room_id=room.id, built_area=D(area), from_on=since, to_on=until))
    assert amounts(office, drafted(office)) == [11_200, 15_120]


def test_a_new_indoor_area_does_not_cut_a_fee_by_built_area(office, property_fee):
    room = office.room(area=None)
    for indoor, since, until in (("80.00", date(2020, 1, 1), MID), ("81.00", MID, None)):
        office._add(
            RoomArea(
                room_id=room.id,
                built_area=D(100),
                indoor_area=D(indoor),
                from_on=since,
                to_on=until,
            )
        )
    indoor = office.fee("indoor", basis=FeeBasis.INDOOR_AREA)
    office.tariff(indoor, "1.00")
    run = drafted(office)
    assert amounts(office, run, "property") == [28_000]
    assert amounts(office, run, "indoor") == [3_200, 4_860]


@pytest.mark.parametrize("discount", ["0.3", "1"])
def test_vacancy_on_and_off(office, discount):
    item = office.fee()
    office.tariff(item, "2.80", vacancy=discount)
    room = office.room()
    office._add(RoomVacancy(room_id=room.id, from_on=date(2026, 11, 11), to_on=date(2026, 11, 21)))
    full, kept = 28_000 // 3, round(28_000 // 3 * (1 - float(discount)))
    run = drafted(office)
    assert [abs(a - b) <= 1 for a, b in zip(amounts(office, run), [full, kept, full], strict=True)]
    assert amounts(office, run)[1] == (6_533 if discount == "0.3" else 0)


def test_vacancy_without_a_discount_cuts_nothing(office, property_fee):
    room = office.room()
    office._add(RoomVacancy(room_id=room.id, from_on=MID))
    assert amounts(office, drafted(office)) == [28_000]


def test_tax_is_inside_the_amount_and_changes_on_its_day(office, property_fee):
    office.room()
    for rate, since, until in (("0.06", date(2020, 1, 1), MID), ("0.09", MID, None)):
        office._add(VatRate(fee_item_id=property_fee.id, rate=D(rate), from_on=since, to_on=until))
    run = drafted(office)
    assert [(line.fen, line.tax_fen) for line in lines(office, run)] == [
        (11_200, 634),
        (16_800, 1_387),
    ]


def test_the_price_of_the_kind_comes_before_the_general_one(office):
    item = office.fee()
    office.tariff(item, "2.00")
    office.tariff(item, "5.00", kind=RoomKind.SHOP)
    office.room("1-1-101")
    office.room("1-1-102", kind=RoomKind.SHOP, owner="店主")
    assert amounts(office, drafted(office)) == [20_000, 50_000]


def test_a_kind_without_a_price_is_not_charged_unless_it_is_listed(office):
    item = office.fee("rubbish", basis=FeeBasis.FIXED)
    office.tariff(item, "30", kind=RoomKind.SHOP)
    office.room("1-1-101")
    listed = office.room("1-1-102", owner="甲")
    agreed = office.room("1-1-103", owner="乙")
    office.charge(listed, item)
    office.charge(agreed, item, unit_price=D("12.50"), quantity=D(2))
    run = drafted(office)
    assert bills(office, run) == [("1-1-103", "乙", 2_500)]
    assert problems(office.session, run) == [("1-1-102", "rubbish", "price_missing")]


def test_days_without_a_price_are_a_problem_not_a_gift(office):
    item = office.fee()
    office.tariff(item, "2.00", since=MID)
    office.room()
    run = drafted(office)
    assert amounts(office, run) == [12_000]
    assert problems(office.session, run) == [("1-1-101", "property", "price_missing")]


def test_listed_spaces_are_lines_of_their_own(office):
    item = office.fee("parking", basis=FeeBasis.FIXED, listed_only=True)
    office.tariff(item, "300")
    room = office.room()
    office.room("1-1-102", owner="无车")
    office.charge(room, item, label="A-01")
    office.charge(room, item, label="A-02", unit_price=D("250"), since=date(2026, 11, 16))
    run = drafted(office)
    assert [(line.label, line.fen) for line in lines(office, run)] == [
        ("A-01", 30_000),
        ("A-02", 12_500),
    ]


def test_a_renewed_charge_that_says_the_same_cuts_nothing(office):
    item = office.fee("parking", basis=FeeBasis.FIXED, listed_only=True)
    office.tariff(item, "300")
    room = office.room()
    office.charge(room, item, label="A-01", to_on=MID)
    office.charge(room, item, label="A-01", since=MID)
    assert amounts(office, drafted(office)) == [30_000]


def test_an_item_for_all_charges_what_a_room_has_agreed_for_its_days(office, property_fee):
    room = office.room()
    office.charge(
        room, property_fee, unit_price=D("1.00"), since=date(2026, 11, 11), to_on=date(2026, 11, 21)
    )
    assert [line.fen for line in lines(office, drafted(office))] == [9_333, 3_333, 9_333]


def test_a_room_without_an_area_is_named(office, property_fee):
    office.room(area=None)
    run = drafted(office)
    assert bills(office, run) == []
    assert problems(office.session, run) == [("1-1-101", "property", "area_missing")]


def test_too_much_money_is_a_problem_of_that_room(office):
    item = office.fee()
    office.tariff(item, "200000")
    office.room("1-1-101", area="999999.99")
    office.room("1-1-102", area="10.00", owner="乙")
    run = drafted(office)
    assert bills(office, run) == [("1-1-102", "乙", 200_000_000)]
    assert problems(office.session, run) == [("1-1-101", "property", "amount_too_large")]
