"""Somebody must always be left who can manage accounts and roles."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import locks
from domain.errors import Conflict
from domain.staff.model import Role, Staff, StaffRole

KEYS = frozenset({"staff.edit", "roles.edit"})


class LastAdministrator(Conflict):
    """Nobody would be left who can let others in or give roles."""

    code = "last_administrator"


@contextmanager
def governed(session: Session) -> Iterator[None]:
    """One change of accounts or roles at a time; refused if it leaves no administrator behind."""
    locks.hold(session, "administrators")
    before = _administrators(session)
    yield
    session.flush()
    after = _administrators(session)
    if any(had and not have for had, have in zip(before, after, strict=True)):
        raise LastAdministrator(
            "这样就没有人能管理员工和岗位了，请先让另一位同事同时有「管理员工账号」和「管理岗位和权限」"
        )


def _administrators(session: Session) -> tuple[set[int], set[int]]:
    """Who can manage accounts and roles everywhere, and who can somewhere."""
    rows = session.execute(
        select(StaffRole.staff_id, StaffRole.community_id, Role.permissions)
        .join(Role, Role.id == StaffRole.role_id)
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(Staff.active, Role.permissions.overlap(sorted(KEYS)))
    )
    whole: dict[int, set[str]] = {}
    some: dict[int, set[str]] = {}
    for staff_id, community_id, permissions in rows:
        some.setdefault(staff_id, set()).update(permissions)
        if community_id is None:
            whole.setdefault(staff_id, set()).update(permissions)
    return (
        {one for one, held in whole.items() if held >= KEYS},
        {one for one, held in some.items() if held >= KEYS},
    )
