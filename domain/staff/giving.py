"""Giving a colleague a role somewhere, and taking it back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.access import granting
from domain.access.access import Access
from domain.access.governing import governed
from domain.access.granting import Place
from domain.errors import Conflict, NotAllowedNow, NotFound
from domain.history import audit
from domain.rooms.model import Building
from domain.staff.joining import RoleNotFound
from domain.staff.model import GrantSource, Role, RoleField, Staff, StaffRole


class AlreadyHeld(Conflict):
    """The colleague has this role there."""

    code = "role_already_held"


class GrantNotFound(NotFound):
    """No such role of this colleague any more."""

    code = "grant_not_found"


class GivenByWecom(NotAllowedNow):
    """A role that WeCom's tags give comes back with the next sync."""

    code = "given_by_wecom"


class PlaceUnknown(NotFound):
    """No such building in this community."""

    code = "place_unknown"


def give(
    session: Session, access: Access, person: Staff, role_id: int, place: Place, *, at: datetime
) -> StaffRole:
    """A role in a place, by somebody who manages accounts there and holds all of it themselves."""
    access.require("staff.edit", community_id=place.community_id, building_id=place.building_id)
    role = session.get(Role, role_id, with_for_update={"read": True, "key_share": True})
    if role is None:
        raise RoleNotFound("没有这个岗位，请刷新页面")
    _within(session, place)
    fields = {
        one.field: one.access
        for one in session.scalars(select(RoleField).where(RoleField.role_id == role.id))
    }
    granting.require(access, role.permissions, fields, place)
    row = StaffRole(
        staff_id=person.id, role_id=role.id, community_id=place.community_id,
        building_id=place.building_id, source=GrantSource.LOCAL,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise AlreadyHeld(f"{person.name}在那里已经是{role.name}了") from error
    _record(session, access, "staff.grant", row, role, at=at)
    return row


def take_back(
    session: Session, access: Access, person: Staff, grant_id: int, *, at: datetime
) -> None:
    """Take a role back; refused when it would leave no administrator."""
    row = session.scalar(
        select(StaffRole).where(StaffRole.id == grant_id, StaffRole.staff_id == person.id)
    )
    if row is None:
        raise GrantNotFound("没有找到这个岗位，可能刚被取消，请刷新页面")
    place = Place(row.community_id, row.building_id)
    access.require("staff.edit", community_id=place.community_id, building_id=place.building_id)
    role = session.get_one(Role, row.role_id)
    granting.require(access, role.permissions, {}, place)
    if row.source == GrantSource.WECOM:
        raise GivenByWecom("这个岗位由企业微信的标签给出，请在企业微信里取消标签")
    with governed(session):
        session.delete(row)
    _record(session, access, "staff.revoke", row, role, at=at)


def roles(session: Session) -> Sequence[Role]:
    """Every role there is, by name."""
    return session.scalars(select(Role).order_by(Role.id)).all()


def _within(session: Session, place: Place) -> None:
    if place.building_id is None:
        return
    here = select(Building.id).where(
        Building.id == place.building_id, Building.community_id == place.community_id
    )
    if session.scalar(here) is None:
        raise PlaceUnknown("这个小区没有这栋楼，请重新选择")


def _record(
    session: Session, access: Access, action: str, row: StaffRole, role: Role, *, at: datetime
) -> None:
    audit.record(
        session, action, subject="staff", subject_id=row.staff_id, by=access.actor, at=at,
        role=role.name, community=row.community_id, building=row.building_id,
    )  # fmt: skip
