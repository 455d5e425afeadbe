"""One community with one of everything the doors lead to."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from domain.access import starts
from domain.fees import costs
from domain.fees.model import FeeBasis, ShareBy
from domain.history import audit
from domain.imports import batches
from domain.imports.model import ImportKind
from domain.letters.model import Letter, LetterStatus
from domain.rooms.model import RoomVacancy
from domain.session import transaction
from domain.staff.defaults import ensure_roles
from domain.staff.joining import join
from domain.staff.model import GrantSource, Role, StaffRole
from statemachines.payment import take_at_counter
from tests.factories.office import Office


@dataclass
class Place:
    """Things of one community, as the doors' addresses need them."""

    office: Office
    room: Any
    person: Any
    bill: Any
    receipt_no: str
    stay: Any
    marks: tuple[str, ...]
    flow_start_id: int = 0
    colleague: Any = None
    role: Any = None
    grant_id: int = 0
    entry_id: int = 0
    batch: Any = None
    letter: Any = None
    vacancy: Any = None
    fee: Any = None
    charge: Any = None
    meter: Any = None
    shared: Any = None
    cost: Any = None


def build(session, vault, at, *, name: str, building: str) -> Place:
    """A community called `name`; its owner's name and room code appear nowhere else."""
    office = Office(session, vault, at=at, community=name)
    room = office.room(f"{building}-1-101", owner=None)
    person = office.person(f"{name}业主", phone="13800001234")
    stay = office.lives(room, person)
    bill = office.bill(room, 10_000)
    paid = office.bill(office.room(f"{building}-1-102"), 5_000)
    payment = take_at_counter(
        session, [paid.id], 5_000, method="cash", request_key=f"{name} 1",
        seen_owed_fen=5_000, by=office.clock, at=at, note=None,
    )  # fmt: skip
    marks = (person.name, name, room.code)
    begun, _ = starts.note(
        session, key=f"act {name}", staff_id=office.by.id, deployment="bill-run/monthly",
        parameters={"form": {"community": name, "month": "2026-11"}},
        community_id=office.community.id, request_id="matrix", at=at,
    )  # fmt: skip
    letter = Letter(
        community_id=office.community.id, person_id=person.id, kind="bill.issued", key=name,
        facts={}, status=LetterStatus.FAILED, queued_at=at, not_before=at,
    )  # fmt: skip
    session.add(letter)
    batch = batches.receive(
        session, vault, community_id=office.community.id, kind=ImportKind.OWNERS,
        file_name=f"{name}.xlsx", data=b"PK", by=office.by, at=at,
    )  # fmt: skip
    colleague, role, grant_id = _colleague(office, building)
    entry = audit.record(
        session, "person.edit", subject="person", subject_id=person.id, by=office.by, at=at,
        fields=["phone"],
    )  # fmt: skip
    return Place(
        office, room, person, bill, payment.receipt_no, stay, marks, flow_start_id=begun.id,
        colleague=colleague, role=role, grant_id=grant_id, entry_id=entry.id,
        batch=batch, letter=letter, **_room_facts(office, room),
    )  # fmt: skip


def _room_facts(office: Office, room: Any) -> dict[str, Any]:
    """A vacancy, fees, a charge, a shared cost and a meter; their names hold the room's code."""
    vacancy = RoomVacancy(room_id=room.id, from_on=date(2020, 1, 1), to_on=date(2020, 2, 1))
    office.session.add(vacancy)
    fee = office.fee("parking", name=f"车位费 {room.code}", basis=FeeBasis.FIXED, listed_only=True)
    office.tariff(fee, "150")
    charge = office.charge(room, fee, label=f"车位 {room.code}")
    meter = office.meter(room, {date(2026, 1, 1): "100"})
    shared = office.fee(
        "lift", name=f"电梯 {room.code}", basis=FeeBasis.SHARED, share_by=ShareBy.AREA
    )
    cost = costs.add(office.session, shared, 9_000, start=date(2026, 10, 1), end=date(2026, 11, 1))
    return {
        "vacancy": vacancy, "fee": fee, "charge": charge, "meter": meter, "shared": shared,
        "cost": cost,
    }  # fmt: skip


def _colleague(office: Office, building: str) -> tuple[Any, Any, int]:
    """Somebody who works only here, in a role nobody else has; WeCom has given it once more."""
    person = office.staff(f"c{building}", f"同事{building}", ["rooms.see"])
    held = office.session.scalars(select(StaffRole).where(StaffRole.staff_id == person.id)).one()
    role = office.session.get_one(Role, held.role_id)
    given = StaffRole(
        staff_id=person.id, role_id=role.id, community_id=held.community_id,
        source=GrantSource.WECOM,
    )  # fmt: skip
    office.session.add(given)
    office.session.flush()
    return person, role, given.id


def people(engine, roles, *, community_id: int, company_id: int) -> dict[str, Any]:
    """A colleague of each role in one community."""
    with transaction(engine) as session:
        ensure_roles(session)
        return {
            role: join(
                session, company_id=company_id, login=f"m-{role}", name=f"{role}同事", role=role,
                community_id=community_id,
            )
            for role in roles
        }  # fmt: skip
