"""Room charges against the books."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from domain.bills.model import BillLine
from domain.fees.model import FeeBasis, RoomCharge
from domain.rooms.model import Room
from tests.domain.imports.sheets import bring, charge, counts, everything, faults, plan
from tests.factories.office import Office

OCT, NEXT = date(2026, 10, 1), date(2027, 10, 1)


@pytest.fixture
def home(office: Office) -> Office:
    """The office with room 1-1-101, a monthly and a one-off fee."""
    office.room("1-1-101")
    office.fee("parking", basis=FeeBasis.FIXED, name="车位费", listed_only=True)
    office.fee("card", basis=FeeBasis.ONE_OFF, name="门禁卡")
    office.fee("property", name="物业费")
    return office


def stored(office: Office) -> RoomCharge:
    return office.session.scalars(select(RoomCharge)).one()


def test_a_charge_with_its_plate(home: Office) -> None:
    row = charge(quantity=Decimal(2), note="沪A12345", ends_on=date(2027, 9, 30))
    assert counts(bring(home, row)[1]) == {"new": 1}
    found = stored(home)
    assert (found.label, found.quantity, found.unit_price, found.from_on, found.to_on) == (
        "沪A12345", Decimal("2.0000"), None, OCT, NEXT,
    )  # fmt: skip


def test_an_amount_of_a_monthly_fee_is_a_price_of_its_own(home: Office) -> None:
    bring(home, charge(amount_fen=25_050))
    assert (stored(home).unit_price, stored(home).amount_fen) == (Decimal("250.500000"), None)


def test_an_amount_of_a_one_off_fee_is_billed_once(home: Office) -> None:
    bring(home, charge("card", amount_fen=5_000))
    assert (stored(home).unit_price, stored(home).amount_fen) == (None, 5_000)


def test_the_same_sheet_twice_changes_nothing(home: Office) -> None:
    sheet = [charge(note="沪A1"), charge(row=3, note="沪A2", amount_fen=100)]
    bring(home, *sheet)
    before = everything(home.session)
    assert counts(bring(home, *sheet)[1]) == {"unchanged": 2}
    assert everything(home.session) == before


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (charge(code="9-9-999"), (2, "room", "room_unknown")),
        (charge("游泳费"), (2, "item", "item_unknown")),
        (charge("门禁卡"), (2, "amount", "amount_missing")),
        (charge("物业费", amount_fen=100), (2, "amount", "amount_invalid")),
        (charge(amount_fen=100, quantity=Decimal(2)), (2, "amount", "amount_invalid")),
    ],
)
def test_what_is_refused(home: Office, row: object, fault: tuple[int, str, str]) -> None:
    assert faults(plan(home, row)) == [fault]


def test_an_item_out_of_use_is_refused(home: Office) -> None:
    home.fee("old", basis=FeeBasis.FIXED, name="旧费", active=False)
    assert faults(plan(home, charge("旧费"))) == [(2, "item", "item_unknown")]


def test_overlapping_another_is_a_conflict(home: Office) -> None:
    bring(home, charge())
    later = charge(starts_on=date(2026, 12, 1))
    assert faults(plan(home, later)) == [(2, "starts_on", "charge_overlap")]
    assert counts(plan(home, charge(starts_on=date(2026, 12, 1), note="沪A2"))) == {"new": 1}


def test_overlapping_within_the_sheet_names_the_row(home: Office) -> None:
    tally = plan(home, charge(), charge(row=3, starts_on=date(2026, 12, 1)))
    assert faults(tally) == [(3, "starts_on", "charge_overlap")]
    assert tally.words[3].startswith("冲突：和第 2 行")


def test_one_after_the_other_is_none(home: Office) -> None:
    rows = charge(ends_on=date(2026, 11, 30)), charge(row=3, starts_on=date(2026, 12, 1))
    assert counts(plan(home, *rows)) == {"new": 2}


def test_what_is_not_billed_yet_is_corrected(home: Office) -> None:
    bring(home, charge())
    _, tally = bring(home, charge(quantity=Decimal(2), ends_on=date(2027, 9, 30)))
    assert tally.words == {2: "变更：数量、结束日期"}
    assert (stored(home).quantity, stored(home).to_on) == (Decimal("2.0000"), NEXT)


def test_what_is_billed_is_only_ended(home: Office) -> None:
    bring(home, charge())
    home.bill(home.session.scalars(select(Room)).one(), 10_000, month=date(2026, 11, 1))
    home.session.execute(update(BillLine).values(fee_item_id=stored(home).fee_item_id))
    assert faults(plan(home, charge(quantity=Decimal(2)))) == [(2, "item", "charge_billed")]
    assert faults(plan(home, charge(ends_on=date(2026, 11, 15)))) == [(2, "item", "charge_billed")]
    assert counts(plan(home, charge(ends_on=date(2026, 11, 30)))) == {"changed": 1}
