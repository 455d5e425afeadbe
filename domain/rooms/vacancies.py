"""空置: days on which nobody lives there, and the tariff's discount applies to what is billed."""

from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.errors import Conflict, Invalid, NotFound
from domain.history import audit
from domain.history.actor import Actor
from domain.rooms.model import Room, RoomVacancy

_HISTORY = (
    select(RoomVacancy)
    .where(RoomVacancy.room_id == bindparam("room_id"))
    .order_by(RoomVacancy.from_on.desc())
)


class VacancyOverlaps(Conflict):
    """The room is vacant on some of these days already."""

    code = "vacancy_overlaps"


class VacancyNotFound(NotFound):
    """No such entry of this room."""

    code = "vacancy_not_found"


class VacancyInvalid(Invalid):
    """An end before its beginning."""

    code = "vacancy_invalid"


def history(session: Session, room_id: int) -> list[RoomVacancy]:
    """Every stretch of days, newest first."""
    return list(session.scalars(_HISTORY, {"room_id": room_id}))


def begin(
    session: Session,
    room: Room,
    *,
    from_on: date,
    to_on: date | None,
    note: str | None,
    by: Actor,
    at: datetime,
) -> RoomVacancy:
    """Vacant from a day on; `to_on` is the first day somebody is back."""
    row = RoomVacancy(room_id=room.id, from_on=from_on, to_on=to_on, note=note)
    _save(session, row)
    _record(session, "room.vacant", row, by=by, at=at)
    return row


def end(
    session: Session, room: Room, vacancy_id: int, *, to_on: date, by: Actor, at: datetime
) -> RoomVacancy:
    """Somebody is back from a day on; the day can be corrected later."""
    row = session.get(RoomVacancy, vacancy_id, with_for_update=True)
    if row is None or row.room_id != room.id:
        raise VacancyNotFound("没有找到这条空置登记，可能刚被改过，请刷新页面")
    row.to_on = to_on
    _save(session, row)
    _record(session, "room.occupied", row, by=by, at=at)
    return row


def _save(session: Session, row: RoomVacancy) -> None:
    if row.to_on is not None and row.to_on <= row.from_on:
        raise VacancyInvalid("空置结束的日子要晚于开始的日子")
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
        if name != "ex_room_vacancy_one_at_a_time":
            raise
        raise VacancyOverlaps("这些天里已经有空置登记，请核对日期") from error


def _record(session: Session, action: str, row: RoomVacancy, *, by: Actor, at: datetime) -> None:
    audit.record(
        session, action, subject="room", subject_id=row.room_id, by=by, at=at,
        from_on=row.from_on.isoformat(), to_on=row.to_on.isoformat() if row.to_on else None,
    )  # fmt: skip
