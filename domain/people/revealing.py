"""Opening a sealed field: by whom it may be done, for a reason, and never without a record."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.errors import Invalid, NotFound, NotPermitted
from domain.history import audit
from domain.history.model import AuditEntry
from domain.people import page
from domain.staff.model import PERSONAL_FIELD_NAMES, FieldAccess, PersonalField
from domain.vault import Vault

REVEALED = "person.reveal"
REASON_LENGTH = 4
_NUMBER = re.compile(r"\d{6,}")
_LOOKS = (
    select(AuditEntry)
    .where(
        AuditEntry.subject == "person",
        AuditEntry.subject_id == bindparam("person_id"),
        AuditEntry.action == REVEALED,
    )
    .order_by(AuditEntry.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


class ReasonMissing(Invalid):
    """No reason, one too short to mean anything, or one that holds a number itself."""

    code = "reason_missing"


class FieldEmpty(NotFound):
    """Nothing is stored in this field."""

    code = "field_empty"


def reveal(
    session: Session,
    access: Access,
    vault: Vault,
    person_id: int,
    field: PersonalField,
    *,
    reason: str,
    at: datetime,
) -> str:
    """The whole value, once; who looked, at which field, and why is on record."""
    person = page.reach(session, access, "people.see", person_id)
    name = PERSONAL_FIELD_NAMES[field]
    if len(reason) < REASON_LENGTH:
        raise ReasonMissing(f"查看完整的{name}前，请写明原因，至少四个字")
    if _NUMBER.search(reason):
        raise ReasonMissing("原因会留在操作记录里，请不要写电话或证件号")
    if page.fields(session, access, person)[field] != FieldAccess.FULL:
        raise NotPermitted(f"{access.name}的岗位不能看完整的{name}")
    sealed = getattr(person, f"{field}_sealed")
    if sealed is None:
        raise FieldEmpty(f"没有登记{name}")
    audit.record(
        session, REVEALED, subject="person", subject_id=person.id, by=access.actor, at=at,
        field=field.value, reason=reason,
    )  # fmt: skip
    return vault.open(sealed)


def looks(session: Session, person_id: int, *, limit: int) -> Sequence[AuditEntry]:
    """Who has looked at a whole number of this person, the newest first."""
    return session.scalars(_LOOKS, {"person_id": person_id, "limit": limit}).all()
