"""What an audit entry is about, by its name: a person, a room's code, a bill's number."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

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
    session: Session, about: Iterable[tuple[str, int | None]], *, people: bool
) -> dict[tuple[str, int | None], str]:
    """(subject, id) -> name, one query per kind of subject; persons only for who may see them."""
    kinds: dict[str, list[int]] = {}
    for subject, subject_id in about:
        if subject_id is not None and subject in NAMED and (people or subject != "person"):
            kinds.setdefault(subject, []).append(subject_id)
    found: dict[tuple[str, int | None], str] = {}
    for subject, ids in kinds.items():
        key, name = NAMED[subject]
        for one, said in session.execute(select(key, name).where(key.in_(ids))):
            found[subject, one] = said or ""
    return found
