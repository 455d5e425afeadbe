"""A person created and corrected at the desk. Phones and ID numbers arrive normalised."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import clock, locks
from domain.errors import Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.people.masking import mask_id_number, mask_phone
from domain.people.model import Consent, Person, PersonKind
from domain.people.naming import is_company
from domain.vault import Vault

CONSENT_PURPOSE = "核验身份"
CONSENT_TEXT = "desk-1"
EARLIEST = date(1900, 1, 1)


class PersonExists(Conflict):
    """Somebody of this name with this phone is already here."""

    code = "person_exists"


class IdNumberTaken(Conflict):
    """Another person of the community has this ID number."""

    code = "id_number_taken"


class ConsentMissing(Invalid):
    """An ID number needs the recorded consent of the person."""

    code = "consent_missing"


class PersonChanged(Conflict):
    """Somebody edited the person since the form was opened."""

    code = "person_changed"


class PersonInvalid(Invalid):
    """A name or a birthday that cannot be."""

    code = "person_invalid"


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a form says. An empty phone or ID number leaves the stored one, `drop_...` takes it out.

    `consent`: the person agreed, in words of their own act, that we keep the ID number.
    """

    name: str
    phone: str = ""
    id_number: str = ""
    birth_on: date | None = None
    consent: bool = False
    drop_phone: bool = False
    drop_id_number: bool = False


def seen(person: Person) -> str:
    """What a form was opened on; an edit since then changes it."""
    values = (
        person.name, person.kind.value, person.phone_blind, person.id_number_blind, person.birth_on,
    )  # fmt: skip
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]


def create(
    session: Session,
    vault: Vault,
    community_id: int,
    facts: PersonFacts,
    *,
    by: Actor,
    at: datetime,
) -> Person:
    """A new person of a community."""
    locks.hold(session, f"people:{community_id}:{facts.name}")  # a double click finds the first
    kind = PersonKind.COMPANY if is_company(facts.name) else PersonKind.NATURAL
    person = Person(community_id=community_id, name=facts.name, kind=kind)
    _unknown(session, vault, person, facts)
    changed = _write(session, vault, person, facts, by=by, at=at)
    _record(session, "person.create", person, changed, by=by, at=at)
    return person


def edit(
    session: Session,
    vault: Vault,
    person: Person,
    facts: PersonFacts,
    *,
    opened: str,
    by: Actor,
    at: datetime,
) -> Person:
    """Correct a person; refused when somebody else did since the form was opened."""
    session.refresh(person, with_for_update=True)
    if seen(person) != opened:
        raise PersonChanged("有人刚刚改过这位业主的资料，请核对最新的内容后再改")
    changed = _write(session, vault, person, facts, by=by, at=at)
    if changed:
        _record(session, "person.edit", person, changed, by=by, at=at)
    return person


def _unknown(session: Session, vault: Vault, person: Person, facts: PersonFacts) -> None:
    same = (
        Person.phone_blind.in_(vault.blinds(facts.phone))
        if facts.phone
        else Person.phone_blind.is_(None)
    )
    here = select(Person.id).where(
        Person.community_id == person.community_id, Person.name == person.name, same
    )
    if found := session.scalar(here.limit(1)):
        what = "同名同电话" if facts.phone else "同名、也没有电话"
        raise PersonExists(
            f"本小区已经登记了一位{what}的人，请直接打开那一位；不是同一人请补上电话", person=found
        )


def _write(
    session: Session, vault: Vault, person: Person, facts: PersonFacts, *, by: Actor, at: datetime
) -> list[str]:
    """Put the facts into the row; the names of what changed."""
    _check(facts, today=clock.local_day(at))
    changed = []
    if person.id is None or person.name != facts.name:
        person.name = facts.name
        changed.append("name")
    if person.birth_on != facts.birth_on:
        person.birth_on = facts.birth_on
        changed.append("birth_on")
    if _put_phone(vault, person, facts):
        changed.append("phone")
    drops, new = facts.drop_id_number, facts.id_number
    if new and person.kind == PersonKind.NATURAL and not facts.consent:
        raise ConsentMissing("登记身份证号要先取得本人的单独同意，并勾选“本人已同意”")
    if _put_id_number(vault, person, facts):
        changed.append("id_number")
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
    except IntegrityError as error:
        raise IdNumberTaken("本小区已经有人登记了这个证件号，请核对") from error
    if "id_number" in changed:
        _consent(session, person, given=bool(new) and not drops, by=by, at=at)
    return changed


def _check(facts: PersonFacts, *, today: date) -> None:
    if not facts.name:
        raise PersonInvalid("请填写姓名")
    if facts.birth_on is not None and not EARLIEST <= facts.birth_on <= today:
        raise PersonInvalid("出生日期不对，请核对")


def _put_phone(vault: Vault, person: Person, facts: PersonFacts) -> bool:
    if facts.drop_phone:
        had = person.phone_blind is not None
        person.phone_sealed = person.phone_blind = person.phone_masked = None
        return had
    if not facts.phone or person.phone_blind in vault.blinds(facts.phone):
        return False
    person.phone_sealed, person.phone_blind = vault.seal(facts.phone), vault.blind(facts.phone)
    person.phone_masked = mask_phone(facts.phone)
    return True


def _put_id_number(vault: Vault, person: Person, facts: PersonFacts) -> bool:
    if facts.drop_id_number:
        had = person.id_number_blind is not None
        person.id_number_sealed = person.id_number_blind = person.id_number_masked = None
        return had
    number = facts.id_number
    if not number or person.id_number_blind in vault.blinds(number):
        return False
    person.id_number_sealed, person.id_number_blind = vault.seal(number), vault.blind(number)
    person.id_number_masked = mask_id_number(number)
    return True


def _consent(session: Session, person: Person, *, given: bool, by: Actor, at: datetime) -> None:
    """An ID number taken out takes its consent back; one put in has a consent beside it."""
    session.execute(
        update(Consent)
        .where(
            Consent.person_id == person.id,
            Consent.purpose == CONSENT_PURPOSE,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at)
    )
    if given and person.kind == PersonKind.NATURAL:
        session.add(
            Consent(
                person_id=person.id, purpose=CONSENT_PURPOSE, text_version=CONSENT_TEXT,
                given_at=at, given_by=by.name,
            )
        )  # fmt: skip


def _record(
    session: Session, action: str, person: Person, changed: list[str], *, by: Actor, at: datetime
) -> None:
    audit.record(
        session, action, subject="person", subject_id=person.id, by=by, at=at, fields=changed
    )
