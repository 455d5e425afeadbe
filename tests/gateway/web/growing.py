"""A community that grows: more of everything a page may show, all of it at the matrix's place."""

from datetime import date, timedelta
from typing import Any

from domain.access import starts, tokens
from domain.access.model import DeskSession, SignInWay
from domain.bills.model import BillRunChunk, BillRunProblem
from domain.company.model import Community
from domain.fees.model import SharedCost, VatRate
from domain.history import audit
from domain.history.actor import Actor
from domain.imports import batches
from domain.imports.model import ImportChange, ImportKind
from domain.letters.model import Channel, Letter, LetterAttempt, LetterStatus, Outcome
from domain.meters.model import MeterReading
from domain.people.model import Consent, OccupancyRole, PersonChannel
from domain.rooms.model import RoomVacancy
from domain.staff.model import Staff, StaffDepartment, StaffRole, WecomDepartment, WecomTag
from statemachines.payment import take_at_counter
from tests.gateway.web.doors.place import Place

FIRST = date(2010, 1, 1)
MOST_TOKENS = 15


def grow(place: Place, me: Any, numbers: range) -> None:
    """One more of everything per number: at the place's room, owner, run, role, fee and meter too."""
    me = place.office.session.get_one(Staff, me.id)
    for n in numbers:
        _homes(place, n)
        _money(place, n)
        _fees(place, n)
        _messages(place, n)
        _colleagues(place, me, n)
        _records(place, me, n)


def _add(place: Place, *rows: Any) -> None:
    place.office.session.add_all(rows)
    place.office.session.flush()


def _homes(place: Place, n: int) -> None:
    """A room next door that the owner has too, and one more tenant at the place itself."""
    office, since = place.office, FIRST + timedelta(days=31 * n)
    building = place.room.code.partition("-")[0]
    place.next_door = office.room(f"{building}-2-{n + 101}", owner=f"邻居{n}")
    office.lives(place.next_door, place.person, pays=False)
    tenant = office.person(f"租户{n}")
    office.lives(place.room, tenant, role=OccupancyRole.TENANT, pays=False)
    office.room(f"{building}{n:03}-1-101", owner=None)
    office.meter(place.room, {date(2026, 1, 1): "1"}, serial=f"S{building}-{n}")
    office.meter(place.next_door, {date(2026, 1, 1): "1", date(2026, 2, 1): "2"})
    read_on = date(2026, 2, 1) + timedelta(days=n)
    _add(
        place,
        MeterReading(meter_id=place.meter.id, read_on=read_on, value=101 + n),
        RoomVacancy(room_id=place.room.id, from_on=since, to_on=since + timedelta(days=9)),
        Consent(person_id=place.person.id, purpose=f"用途{n}", text_version="1", given_at=office.at,
                given_by="周经理"),
        PersonChannel(community_id=office.community.id, person_id=place.person.id,
                      external_userid=f"wm-{building}-{n}", follower_userid=f"f{n}",
                      bound_at=office.at),
    )  # fmt: skip
    company = office.company.id
    other = Community(company_id=company, name=f"园{building}-{n}")
    _add(place, other)


def _money(place: Place, n: int) -> None:
    """A bill next door in the same run, an older one here, a part of that paid."""
    office = place.office
    office.bill(place.next_door, 10_000 + n)
    month = date(2000 + n // 12, n % 12 + 1, 1)
    old = office.bill(place.room, 20_000, month=month, payer=place.person)
    for bill in (old, place.bill):
        take_at_counter(
            office.session, [bill.id], 10, method="cash", request_key=f"{place.room.code} {bill.id} {n}",
            by=office.by, at=office.at, note=None,
        )  # fmt: skip
    run_id, next_door = place.bill.bill_run_id, place.next_door
    _add(
        place,
        BillRunProblem(bill_run_id=run_id, room_id=next_door.id, code=f"p{n}", message="没有读数"),
        BillRunChunk(bill_run_id=run_id, number=n + 1, title=f"{n}栋", rooms=1,
                     first_room_id=next_door.id, last_room_id=next_door.id,
                     building_id=next_door.building_id, bills=1, lines=1, total_fen=100),
    )  # fmt: skip


def _fees(place: Place, n: int) -> None:
    """An item of its own with price and tax; the place's item has one more price and payer."""
    office, since = place.office, FIRST + timedelta(days=31 * n)
    until = since + timedelta(days=31)
    item = office.fee(f"fee{n}", name=f"费用{n}", share_by="area", basis="shared")
    office.tariff(item, "1")
    office.tariff(place.fee, str(n + 1), since=since, until=until, version=n + 10)
    office.charge(place.next_door, place.fee, label=f"车位{n}")
    office.charge(place.room, place.fee, label=f"另{n}")
    _add(
        place,
        VatRate(fee_item_id=item.id, rate=0, from_on=since),
        VatRate(fee_item_id=place.fee.id, rate=0, from_on=since, to_on=until),
        SharedCost(fee_item_id=item.id, period_start=since, period_end=until, total_fen=100),
    )


def _messages(place: Place, n: int) -> None:
    """A letter to the owner, one more attempt of the place's, a workbook with rows."""
    office, at = place.office, place.office.at
    code = place.room.code
    _add(
        place,
        Letter(community_id=office.community.id, person_id=place.person.id, kind="bill.issued",
               key=f"{code} {n}", facts={}, status=LetterStatus.FAILED, queued_at=at, not_before=at),
        LetterAttempt(letter_id=place.letter.id, number=n + 1, channel=Channel.APP_MESSAGE,
                      outcome=Outcome.FAILED, receiver="x", at=at, settled_at=at),
        ImportChange(batch_id=place.batch.id, sheet_row=n + 1, writes=[]),
    )  # fmt: skip
    batches.receive(
        office.session, office.vault, community_id=office.community.id, kind=ImportKind.OWNERS,
        file_name=f"{n}.xlsx", data=f"PK{code}{n}".encode(), by=office.by, at=at,
    )  # fmt: skip


def _colleagues(place: Place, me: Any, n: int) -> None:
    """A colleague with a role; the place's has one more role, the place's role one more holder."""
    office, code = place.office, place.room.code
    person = office.staff(f"more{code}{n}", f"同事{n}", ["rooms.see", "people.see"])
    grant = office.session.query(StaffRole).filter_by(staff_id=person.id).one()
    here = {"community_id": office.community.id}
    tag = 10_000 + 1_000 * int(code.partition("-")[0]) + n
    department = WecomDepartment(wecom_id=tag, name=f"部门{tag}", **here)
    _add(
        place,
        StaffRole(staff_id=place.colleague.id, role_id=grant.role_id, **here),
        StaffRole(staff_id=person.id, role_id=place.role.id, **here),
        WecomTag(wecom_id=tag, name=f"标签{tag}", role_id=grant.role_id),
        department,
    )
    _add(place, StaffDepartment(staff_id=place.colleague.id, department_id=department.id))
    for one in (me, place.colleague):
        _add(
            place,
            DeskSession(staff_id=one.id, token_hash=f"{one.id} {n}".encode(), form_key="x",
                        way=SignInWay.LINK, device="浏览器", made_at=office.at, seen_at=office.at),
        )  # fmt: skip


def _records(place: Place, me: Any, n: int) -> None:
    """What was done, and started, and what programs may do."""
    office, at = place.office, place.office.at
    audit.record(
        office.session, "person.edit", subject="person", subject_id=place.person.id,
        by=office.by, at=at, fields=["phone"],
    )  # fmt: skip
    starts.note(
        office.session, key=f"{place.room.code} {n}", staff_id=me.id,
        deployment="bill-run/monthly", parameters={"form": {}}, request_id="x", at=at,
        community_id=office.community.id,
    )  # fmt: skip
    if n < MOST_TOKENS:
        tokens.issue(
            office.session, me, name=f"程序{n}", scopes=["rooms.see"], days=9,
            by=Actor.staff(me.id, me.name), at=at,
        )  # fmt: skip
