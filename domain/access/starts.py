"""Flows that people started: noted and committed first, handed to Prefect afterwards.

The key is unique: a double click, two tabs and a crash in between all find the same row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.access.model import FlowStart
from domain.company.model import Community
from domain.errors import NotFound
from domain.staff.model import Staff


class StartNotFound(NotFound):
    """Nobody started this."""

    code = "flow_start_not_found"


@dataclass(frozen=True, slots=True)
class Started:
    """A start as people read it. `prefect_run` is None until Prefect has taken it over."""

    id: int
    key: str
    deployment: str
    parameters: Mapping[str, Any]
    community_id: int | None
    community: str | None
    staff_id: int
    staff_name: str
    at: datetime
    prefect_run: str | None
    request_id: str | None


def note(
    session: Session,
    *,
    key: str,
    staff_id: int,
    deployment: str,
    parameters: Mapping[str, Any],
    community_id: int | None,
    request_id: str,
    at: datetime,
) -> tuple[Started, bool]:
    """Note a start unless its key is taken; the one that stands, and whether it is this one."""
    made = session.scalar(
        insert(FlowStart)
        .values(
            key=key, staff_id=staff_id, deployment=deployment, parameters=dict(parameters),
            community_id=community_id, request_id=request_id, at=at,
        )
        .on_conflict_do_nothing(index_elements=[FlowStart.key])
        .returning(FlowStart.id)
    )  # fmt: skip
    found = by_key(session, key)
    assert found is not None
    return found, made is not None


def by_key(session: Session, key: str) -> Started | None:
    """What was started under a key, if anything."""
    row = session.execute(_select().where(FlowStart.key == key)).one_or_none()
    return Started(*row) if row else None


def find(session: Session, start_id: int) -> Started:
    """One start, or StartNotFound."""
    row = session.execute(_select().where(FlowStart.id == start_id)).one_or_none()
    if row is None:
        raise StartNotFound("没有找到这次发起")
    return Started(*row)


def handed_over(session: Session, start_id: int, *, prefect_run: str) -> None:
    """Prefect has it. Two tabs write the same run: Prefect knows the key, too."""
    session.execute(
        update(FlowStart)
        .where(FlowStart.id == start_id, FlowStart.prefect_run.is_(None))
        .values(prefect_run=prefect_run)
    )


def latest(session: Session, access: Access, *, limit: int) -> Sequence[Started]:
    """The newest starts of a colleague, and of the communities whose flows they watch."""
    watched: ColumnElement[bool] = access.where("flows.watch", FlowStart.community_id)
    rows = session.execute(
        _select()
        .where(or_(FlowStart.staff_id == access.staff_id, watched))
        .order_by(FlowStart.id.desc())
        .limit(limit)
    )
    return [Started(*row) for row in rows]


def _select() -> Select[Any]:
    return (
        select(
            FlowStart.id, FlowStart.key, FlowStart.deployment, FlowStart.parameters,
            FlowStart.community_id, Community.name, FlowStart.staff_id, Staff.name,
            FlowStart.at, FlowStart.prefect_run, FlowStart.request_id,
        )
        .join(Staff, Staff.id == FlowStart.staff_id)
        .outerjoin(Community, Community.id == FlowStart.community_id)
    )  # fmt: skip
