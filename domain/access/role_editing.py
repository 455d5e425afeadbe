"""Changing what a role carries, by somebody who holds as much everywhere it is held."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain import locks
from domain.access import granting
from domain.access.access import AMOUNT, Access
from domain.access.governing import governed
from domain.access.granting import Place
from domain.access.permissions import PERMISSIONS
from domain.access.roles import RoleFacts, facts, holders, places
from domain.errors import Conflict, Invalid
from domain.history import audit
from domain.staff.model import FieldAccess, PersonalField, Role, RoleField

LONGEST_NAME = 20


class RoleInvalid(Invalid):
    """A name or a permission that cannot be."""

    code = "role_invalid"


class RoleTaken(Conflict):
    """Another role has this name."""

    code = "role_taken"


class RoleChanged(Conflict):
    """Somebody edited the role since the form was opened."""

    code = "role_changed"


@dataclass(frozen=True, slots=True)
class Change:
    """What saving a form would do."""

    renamed: bool
    added: Sequence[str]
    removed: Sequence[str]
    fields: Mapping[PersonalField, tuple[FieldAccess, FieldAccess]]
    holders: Sequence[str]

    @property
    def nothing(self) -> bool:
        """Whether it would do nothing at all."""
        return not (self.renamed or self.added or self.removed or self.fields)


def change(session: Session, role: Role | None, wanted: RoleFacts) -> Change:
    """What saving would do, and whom it would touch."""
    blank = RoleFacts("", frozenset(), dict.fromkeys(PersonalField, FieldAccess.NONE))
    now = facts(session, role) if role else blank
    return Change(
        renamed=now.name != wanted.name,
        added=[code for code in PERMISSIONS if code in wanted.permissions - now.permissions],
        removed=[code for code in PERMISSIONS if code in now.permissions - wanted.permissions],
        fields={
            one: (now.fields[one], wanted.fields[one])
            for one in PersonalField
            if now.fields[one] != wanted.fields[one]
        },
        holders=holders(session, role.id) if role else [],
    )


def check(session: Session, access: Access, role: Role | None, wanted: RoleFacts) -> Change:
    """The change, refused where it names what cannot be or touches what the colleague lacks."""
    if not wanted.name or len(wanted.name) > LONGEST_NAME:
        raise RoleInvalid(f"请填写岗位名称，最多 {LONGEST_NAME} 个字")
    if not wanted.permissions <= set(PERMISSIONS):
        raise RoleInvalid("有不认识的权限，请刷新页面后再选")
    same = select(Role.id).where(Role.name == wanted.name)
    if any(found != (role.id if role else None) for found in session.scalars(same)):
        raise RoleTaken(f"已经有叫「{wanted.name}」的岗位了")
    found = change(session, role, wanted)
    touched = {*found.added, *found.removed}
    higher = {one: max(pair, key=AMOUNT.index) for one, pair in found.fields.items()}
    # A field counts only beside 查看业主, and is judged as if it were: it may be added later.
    seen = touched | ({"people.see"} if higher else set())
    for place in (places(session, role.id) if role else []) or managed_places(access):
        granting.require(access, seen, higher, place)
    return found


def create(session: Session, access: Access, wanted: RoleFacts, *, at: datetime) -> Role:
    """A new role nobody holds yet."""
    access.require_somewhere("roles.edit")
    locks.hold(session, "role names")
    check(session, access, None, wanted)
    role = Role(code=f"role-{secrets.token_hex(4)}", name=wanted.name, permissions=[])
    session.add(role)
    session.flush()
    _write(session, role, wanted)
    audit.record(
        session, "role.create", subject="role", subject_id=role.id, by=access.actor, at=at,
        name=role.name, permissions=sorted(wanted.permissions),
    )  # fmt: skip
    return role


def edit(
    session: Session, access: Access, role: Role, wanted: RoleFacts, *, opened: str, at: datetime
) -> Change:
    """Change a role for everybody who holds it; never so that no administrator is left."""
    locks.hold(session, "role names")
    session.refresh(role, with_for_update=True)
    if facts(session, role).digest() != opened:
        raise RoleChanged("有人刚刚改过这个岗位，请核对最新的内容后再改")
    done = check(session, access, role, wanted)
    with governed(session):
        _write(session, role, wanted)
    audit.record(
        session, "role.edit", subject="role", subject_id=role.id, by=access.actor, at=at,
        name=role.name, added=list(done.added), removed=list(done.removed),
        fields=[one.value for one in done.fields], holders=len(done.holders),
    )  # fmt: skip
    return done


def managed_places(access: Access) -> list[Place]:
    """Where the colleague manages roles: one of these must carry a role nobody holds yet."""
    held = [one for one in access.grants if "roles.edit" in one.permissions]
    widest = sorted(
        held, key=lambda one: (one.community_id is not None, one.building_id is not None)
    )
    return [Place(one.community_id, one.building_id) for one in widest[:1]]


def _write(session: Session, role: Role, wanted: RoleFacts) -> None:
    role.name = wanted.name
    role.permissions = [code for code in PERMISSIONS if code in wanted.permissions]
    session.execute(delete(RoleField).where(RoleField.role_id == role.id))
    session.add_all(
        RoleField(role_id=role.id, field=one, access=wanted.fields[one]) for one in PersonalField
    )
    session.flush()
