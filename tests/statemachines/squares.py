"""Every state x every verb of a lifecycle, against a literal table."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.errors import NotAllowedNow
from domain.history.actor import Actor
from domain.history.model import StatusChange
from statemachines.engine import Lifecycle, fire

AT = datetime(2026, 11, 1, tzinfo=UTC)
BY = Actor.clock("square")


def cells(life: Lifecycle) -> list[tuple[StrEnum, str]]:
    """All (status, verb) pairs."""
    return [(status, verb) for status in life.status_names for verb in life.verb_names]


def check_cell(
    session: Session,
    life: Lifecycle,
    thing: object,
    status: StrEnum,
    verb: str,
    table: Mapping[tuple[str, str], str],
    dress: Callable[[str], dict[str, Any]] = lambda status: {},
) -> None:
    """Fire one verb from one status: it goes where the table says, or refuses and changes nothing.

    `dress` gives the other columns that a status needs to satisfy its constraints.
    """
    model = life.model
    session.execute(
        update(model).where(model.id == thing.id).values(status=status, **dress(status.value))
    )
    session.refresh(thing)
    expected = table.get((status.value, verb))
    if expected is None:
        with pytest.raises(NotAllowedNow) as refusal:
            fire(session, life, thing, verb, by=BY, at=AT)
        assert life.title in refusal.value.message
        assert _history(session, model, thing) == []
    else:
        for column, value in dress(expected).items():
            setattr(thing, column, value)
        fire(session, life, thing, verb, by=BY, at=AT)
        assert _history(session, model, thing) == [(verb, status.value, expected)]
    session.refresh(thing)
    assert thing.status.value == (expected or status.value)


def _history(session: Session, model: object, thing: object) -> list[tuple[str, str, str]]:
    rows = session.execute(
        select(StatusChange.verb, StatusChange.from_status, StatusChange.to_status).where(
            StatusChange.thing == model.__tablename__,
            StatusChange.thing_id == thing.id,
            StatusChange.actor_name == BY.name,
        )
    )
    return [tuple(row) for row in rows]
