"""A household worth looking at: several fees, tiers, a debt, a part payment, a long history."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from domain.bills.model import Bill, BillLine, BillRunChunk
from domain.fees.model import FeeBasis, TierPeriod
from domain.letters.model import Letter
from domain.meters.model import MeterKind
from domain.payments.model import PaymentMethod
from domain.payments.prepayments import opt_in
from domain.rooms.model import Room
from statemachines import letter as letter_machine
from statemachines.engine import fire
from statemachines.payment import take_at_counter
from tests.factories.office import Office


def household(office: Office) -> Bill:
    """Room 5-1-101 with its owner's bills; the one of November is itemised."""
    office.company.phone = "021-5555 0100"
    room = office.room("5-1-101", area="89.52", owner=None)
    owner = office.person("欧阳文静", phone="13800138000")
    office.lives(room, owner)
    garage = office.room("B1-023", area="12.50", owner=None, kind="parking")
    office.lives(garage, owner)
    old = [office.bill(room, 25_000 + n * 137, month=date(2026, n, 1)) for n in range(4, 10)]
    pay(office, old[:5], sum(bill.total_fen for bill in old[:5]), "old")
    pay(office, old[5:], 10_000, "part")
    bill = office.bill(room, 31_831, month=date(2026, 11, 1))
    itemise(office, bill)
    chunk(office, bill)
    office.bill(garage, 15_000, month=date(2026, 11, 1))
    for overdue in old[5:]:
        overdue.due_on = date(2026, 10, 1)
    office.session.flush()
    return bill


def pay(office: Office, bills: list[Bill], fen: int, key: str) -> None:
    """Money taken by the manager."""
    take_at_counter(
        office.session, [bill.id for bill in bills], fen, method=PaymentMethod.CASH,
        request_key=key, by=office.by, at=office.at,
    )  # fmt: skip


def itemise(office: Office, bill: Bill) -> None:
    """Replace the only line by area, water and parking lines that add up to ¥318.31."""
    line = office.session.scalars(select(BillLine).where(BillLine.bill_id == bill.id)).one()
    area = office.fee("property", name="物业服务费")
    water = office.fee(
        "water", name="生活用水", basis=FeeBasis.METERED,
        meter_kind=MeterKind.WATER, tier_period=TierPeriod.PERIOD,
    )  # fmt: skip
    line.fee_item_id, line.basis = area.id, FeeBasis.BUILT_AREA
    line.unit_price, line.area, line.quantity = Decimal("2.80"), Decimal("89.52"), Decimal("89.52")
    line.amount_fen, line.tariff_version = 25_066, 3
    line.vat_rate, line.tax_fen = Decimal("0.06"), 1_419
    office.session.add(
        BillLine(
            bill_id=bill.id, room_id=bill.room_id, fee_item_id=water.id, basis=FeeBasis.METERED,
            period_start=bill.period_start, period_end=bill.period_end, days=30, period_days=30,
            quantity=Decimal(21), amount_fen=6_765, tariff_version=1,
            detail={"tiers": [["1", "15.0000", "2.770000"], ["2", "6.0000", "4.350000"]]},
        )
    )  # fmt: skip
    office.session.flush()


def chunk(office: Office, bill: Bill) -> None:
    """What the drafting of the bill's run left behind."""
    room = office.session.get_one(Room, bill.room_id)
    office.session.add(
        BillRunChunk(
            bill_run_id=bill.bill_run_id, number=1, title="5栋", first_room_id=room.id,
            last_room_id=room.id, building_id=room.building_id, rooms=1,
            bills=1284, lines=3852, total_fen=41_233_050,
        )
    )  # fmt: skip


def approvals(office: Office) -> None:
    """Opted-in prepayment, a dead letter, and runs in several states."""
    person = office.session.scalars(select(Bill.payer_id).limit(1)).one()
    opt_in(office.session, community_id=office.community.id, person_id=person, auto_deduct=True)
    letter = Letter(
        community_id=office.community.id, person_id=person, kind="bill.issued", key="dead-1",
        facts={}, queued_at=office.at, not_before=office.at, tries=5, failure_code="unreachable",
        failure_reason="业主已删除企业微信好友，请电话通知，并请业主重新添加",
    )  # fmt: skip
    office.session.add(letter)
    office.session.flush()
    office.session.refresh(letter)
    fire(office.session, letter_machine.LETTER, letter, "claim", by=office.clock, at=office.at)
    fire(office.session, letter_machine.LETTER, letter, "fail", by=office.clock, at=office.at)
