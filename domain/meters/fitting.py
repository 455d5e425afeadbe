"""装表: a room's first meter, or one more, with what its dial said on the day."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import clock
from domain.checked import text
from domain.errors import Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.meters import swapping
from domain.meters.model import Meter, MeterKind
from domain.rooms.model import Room

EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class FitFacts:
    """The device, the day it was fitted, and what it said then."""

    on: date
    kind: MeterKind
    serial: str
    opening: Decimal = Decimal(0)
    multiplier: Decimal = Decimal(1)
    digits: int = 6


def fit(session: Session, room: Room, facts: FitFacts, *, by: Actor, at: datetime) -> Meter:
    """A meter of the room from a day on. The same form again, as by a second click, is the one there."""
    if not EARLIEST <= facts.on <= clock.local_day(at):
        raise Invalid("装表日期还没有到，或太早，请核对")
    swapping.check_device(facts.opening, facts.multiplier, facts.digits)
    new = Meter(
        community_id=room.community_id, room_id=room.id, kind=facts.kind,
        serial=text(facts.serial, "表号", most=40), multiplier=facts.multiplier,
        digits=facts.digits, from_on=facts.on,
    )  # fmt: skip
    if (there := _already(session, new)) is not None:
        return there
    swapping.put_up(session, new, facts.opening)
    audit.record(
        session, "meter.fit", subject="meter", subject_id=new.id, by=by, at=at,
        room=room.id, kind=facts.kind.value, on=facts.on.isoformat(), opening=str(facts.opening),
    )  # fmt: skip
    return new


def _already(session: Session, new: Meter) -> Meter | None:
    return session.scalar(
        select(Meter).where(
            Meter.community_id == new.community_id, Meter.serial == new.serial,
            Meter.room_id == new.room_id, Meter.kind == new.kind, Meter.from_on == new.from_on,
            Meter.to_on.is_(None),
        )
    )  # fmt: skip
