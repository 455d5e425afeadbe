"""The one door through which every status changes.

A lifecycle is a table of rows (`transitions` reads it); `fire` moves one thing, `fire_many` moves a
set by the same table. Both refuse what the table does not allow and write history in the same
transaction. No models are registered with the library and it makes no `to_x` verbs: those are its
back doors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, literal, select, update
from sqlalchemy.orm import Session
from transitions import EventData, Machine, MachineError

from domain.base import Base
from domain.errors import NotAllowedNow, NotFound
from domain.history.actor import Actor
from domain.history.model import StatusChange

Guard = Callable[[EventData], bool]


@dataclass(frozen=True)
class Lifecycle:
    """A machine with the words people use for it."""

    title: str
    model: Any
    machine: Machine
    status_names: Mapping[StrEnum, str]
    verb_names: Mapping[str, str]


def lifecycle(
    title: str,
    model: Any,
    *,
    statuses: Mapping[Any, str],
    verbs: Mapping[str, str],
    rows: Sequence[dict[str, Any]],
) -> Lifecycle:
    """Read a table: `rows` are `dict(trigger=, source=, dest=, conditions=[...])`."""
    machine = Machine(
        model=None,
        states=list(statuses),
        transitions=list(rows),
        initial=None,
        auto_transitions=False,
        send_event=True,
        model_attribute="status",
    )
    assert set(machine.events) == set(verbs), "every verb needs a name, every name a verb"
    return Lifecycle(title, model, machine, statuses, verbs)


def says(sentence: str) -> Callable[[Guard], Guard]:
    """Give a guard the sentence shown when it refuses."""

    def mark(guard: Guard) -> Guard:
        guard.says = sentence  # type: ignore[attr-defined]
        return guard

    return mark


def locked(session: Session, model: Any, thing_id: int) -> Any:
    """The row, locked until the transaction ends, as it stands now; NotFound if there is none."""
    thing = session.get(model, thing_id, with_for_update=True, populate_existing=True)
    if thing is None:
        raise NotFound("没有找到这条记录", thing=model.__tablename__, id=thing_id)
    return thing


def fire(
    session: Session,
    life: Lifecycle,
    thing: Any,
    verb: str,
    *,
    by: Actor,
    at: datetime,
    note: str | None = None,
    **facts: Any,
) -> None:
    """Move one locked thing, or refuse with NotAllowedNow and change nothing."""
    before = thing.status
    try:
        moved = life.machine.events[verb].trigger(thing, **facts)
    except MachineError as error:
        raise _refusal(life, thing, verb, before) from error
    if not moved:
        raise _refusal(life, thing, verb, before, _guard_sentence(life, thing, verb, facts))
    session.add(
        StatusChange(
            thing=life.model.__tablename__,
            thing_id=thing.id,
            verb=verb,
            from_status=before.value,
            to_status=thing.status.value,
            actor_kind=by.kind,
            actor_id=by.id,
            actor_name=by.name,
            at=at,
            note=note,
            token_id=by.token_id,
        )
    )
    session.flush()


def fire_many(
    session: Session,
    life: Lifecycle,
    verb: str,
    *where: ColumnElement[bool],
    by: Actor,
    at: datetime,
    note: str | None = None,
    also: Mapping[str, Any] | None = None,
) -> int:
    """Move every row that satisfies `where` and stands where the verb may start; how many moved.

    One guarded UPDATE and its history rows in one statement. `also` sets further columns of the
    same rows. A verb with Python guards cannot be fired on a set.
    """
    sources, dest = _edge(life, verb)
    moved = _update(life, sources, dest, where, also or {}).cte("moved")
    history = select(
        literal(life.model.__tablename__),
        moved.c.id,
        literal(verb),
        moved.c.was,
        literal(dest.value),
        literal(by.kind),
        literal(by.id, StatusChange.actor_id.type),
        literal(by.name),
        literal(at, StatusChange.at.type),
        literal(note, StatusChange.note.type),
        literal(by.token_id, StatusChange.token_id.type),
    )
    written = session.execute(insert(StatusChange).from_select(HISTORY_COLUMNS, history))
    session.expire_all()
    return int(written.rowcount)  # type: ignore[attr-defined]


HISTORY_COLUMNS = [
    "thing", "thing_id", "verb", "from_status", "to_status",
    "actor_kind", "actor_id", "actor_name", "at", "note", "token_id",
]  # fmt: skip


def allowed(life: Lifecycle, verb: str, status: StrEnum) -> bool:
    """Whether the table has this move (guards aside): what a page asks before it shows a button."""
    return status.name in life.machine.events[verb].transitions


def _edge(life: Lifecycle, verb: str) -> tuple[list[Any], Any]:
    """The statuses a verb starts from and the one it leads to."""
    by_name = {status.name: status for status in life.status_names}
    moves = [move for group in life.machine.events[verb].transitions.values() for move in group]
    dests = {str(move.dest) for move in moves}
    assert len(dests) == 1, f"{verb} leads to several statuses"
    assert not any(move.conditions for move in moves), f"{verb} has guards: fire one by one"
    return [by_name[move.source] for move in moves], by_name[dests.pop()]


def _update(
    life: Lifecycle,
    sources: list[Any],
    dest: Any,
    where: Sequence[ColumnElement[bool]],
    also: Mapping[str, Any],
) -> Any:
    model = life.model
    values = {"status": dest, **also}
    if len(sources) == 1:
        return (
            update(model)
            .where(model.status == sources[0], *where)
            .values(values)
            .returning(model.id, literal(sources[0].value).label("was"))
        )
    old: Select[Any] = (
        select(model.id, model.status.label("was"))
        .where(model.status.in_(sources), *where)
        .with_for_update()
    )
    before = old.cte("before")
    return (
        update(model)
        .where(model.id == before.c.id)
        .values(values)
        .returning(model.id, before.c.was)
    )


def _guard_sentence(life: Lifecycle, thing: Any, verb: str, facts: dict[str, Any]) -> str | None:
    event = life.machine.events[verb]
    data = EventData(None, event, life.machine, thing, (), facts)
    for move in event.transitions[thing.status.name]:
        for condition in move.conditions:
            if not condition.check(data):
                return getattr(condition.func, "says", None)
    return None


def _refusal(
    life: Lifecycle,
    thing: Base,
    verb: str,
    before: StrEnum,
    sentence: str | None = None,
) -> NotAllowedNow:
    name = life.verb_names[verb]
    return NotAllowedNow(
        sentence or f"{life.title}现在是「{life.status_names[before]}」，不能{name}",
        thing=life.model.__tablename__,
        id=thing.id,  # type: ignore[attr-defined]
        verb=verb,
        status=before.value,
    )
