"""What an audit entry is about, by its name: a person, a room's code, a bill's number."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.bills.model import Bill
from domain.company.model import Community, Company
from domain.imports.model import ImportBatch
from domain.payments.model import Payment
from domain.people.model import Person
from domain.rooms.model import Building, Room
from domain.staff.model import Role, Staff

NAMED: dict[str, tuple[Any, Any]] = {
    "bill": (Bill.id, Bill.no),
    "building": (Building.id, Building.name),
    "community": (Community.id, Community.name),
    "company": (Company.id, Company.name),
    "import_batch": (ImportBatch.id, ImportBatch.file_name),
    "payment": (Payment.id, Payment.receipt_no),
    "person": (Person.id, Person.name),
    "role": (Role.id, Role.name),
    "room": (Room.id, Room.code),
    "staff": (Staff.id, Staff.name),
}


def names(
    session: Session, access: Access, about: Iterable[tuple[str, int | None]]
) -> dict[tuple[str, int | None], str]:
    """(subject, id) -> name, one query per kind of subject; persons only where they may be seen."""
    kinds: dict[str, list[int]] = {}
    for subject, subject_id in about:
        if subject_id is not None and subject in NAMED:
            kinds.setdefault(subject, []).append(subject_id)
    found: dict[tuple[str, int | None], str] = {}
    for subject, ids in kinds.items():
        key, name = NAMED[subject]
        asked = select(key, name).where(key.in_(ids))
        if subject == "person":
            asked = asked.where(access.where_person("people.see"))
        for one, said in session.execute(asked):
            found[subject, one] = said or ""
    return found
