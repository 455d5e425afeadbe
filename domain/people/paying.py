"""Who pays for a room from a day on: entries are split at that day, earlier days stay as they were."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.people.living import PayerTaken, hold_people, hold_room, together
from domain.people.model import Occupancy


class NotThere(Invalid):
    """The new payer has no entry in the room on that day."""

    code = "payer_not_there"


class AlreadyPays(Conflict):
    """The person already pays from that day on."""

    code = "already_pays"


def pay_from(
    session: Session, row: Occupancy, since: date, *, by: Actor, at: datetime
) -> Occupancy:
    """Let the person of an entry pay from a day on; who paid until then keeps the earlier days."""
    hold_room(session, row.room_id)
    session.refresh(row)
    if not _holds(row, since):
        raise NotThere("这一天他不在这套房屋里，请先登记入住，再改缴费人")
    if row.is_payer:
        raise AlreadyPays("这一天已经由他缴费")
    later = session.scalars(
        select(Occupancy)
        .where(
            Occupancy.room_id == row.room_id,
            Occupancy.is_payer,
            Occupancy.to_on.is_(None) | (Occupancy.to_on > since),
        )
        .order_by(Occupancy.from_on)
    ).all()
    if any(other.from_on > since for other in later):
        raise PayerTaken("这一天以后已经登记了别的缴费人，请先改那一条")
    hold_people(session, {row.person_id, *(other.person_id for other in later)})
    with together(session):
        for other in later:
            _from(session, other, since, pays=False)
        paying = _from(session, row, since, pays=True)
    audit.record(
        session, "occupancy.payer", subject="person", subject_id=row.person_id, by=by, at=at,
        room=row.room_id, from_on=since.isoformat(),
    )  # fmt: skip
    return paying


def _from(session: Session, row: Occupancy, since: date, *, pays: bool) -> Occupancy:
    """The entry from a day on, paying or not; its earlier days as they were."""
    if row.from_on == since:
        row.is_payer = pays
        session.flush()
        return row
    until, row.to_on = row.to_on, since
    session.flush()  # the earlier days end before the later ones begin, or the constraint refuses
    rest = Occupancy(
        room_id=row.room_id, person_id=row.person_id, role=row.role, relation=row.relation,
        share=row.share, from_on=since, to_on=until, is_payer=pays,
    )  # fmt: skip
    session.add(rest)
    session.flush()
    return rest


def _holds(row: Occupancy, on: date) -> bool:
    return row.from_on <= on and (row.to_on is None or row.to_on > on)
