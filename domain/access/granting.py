"""What one colleague may give, or do, to another: never more than they hold themselves, there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.access.access import AMOUNT, Access, Grant
from domain.access.permissions import PERMISSIONS
from domain.errors import NotPermitted
from domain.staff.model import PERSONAL_FIELD_NAMES, FieldAccess, PersonalField

NAMED = 3


class AboveYou(NotPermitted):
    """It would hand out, or act for, more than the colleague holds themselves."""

    code = "above_you"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role holds: no community = everywhere, no building = the whole community."""

    community_id: int | None
    building_id: int | None


def shows(access: Access, field: PersonalField, place: Place) -> FieldAccess:
    """How much of a field the colleague sees of everybody in a place."""
    seen = [
        grant.fields.get(field, FieldAccess.NONE)
        for grant in access.grants
        if "people.see" in grant.permissions and grant.covers(place.community_id, place.building_id)
    ]
    return max(seen, key=AMOUNT.index, default=FieldAccess.NONE)


def lacking(
    access: Access,
    permissions: Iterable[str],
    fields: Mapping[PersonalField, FieldAccess],
    place: Place,
) -> list[str]:
    """In words, what of these the colleague does not hold in a place."""
    held = set(permissions)
    missing = [
        PERMISSIONS.get(one, one)
        for one in sorted(held)
        if not access.may(one, community_id=place.community_id, building_id=place.building_id)
    ]
    if "people.see" in held:
        missing += [
            f"看业主{PERSONAL_FIELD_NAMES[field]}"
            for field, level in fields.items()
            if AMOUNT.index(level) > AMOUNT.index(shows(access, field, place))
        ]
    return missing


def require(
    access: Access,
    permissions: Iterable[str],
    fields: Mapping[PersonalField, FieldAccess],
    place: Place,
) -> None:
    """Refuse what the colleague does not hold there, naming it."""
    if missing := lacking(access, permissions, fields, place):
        raise AboveYou(f"您自己在那里没有「{_named(missing)}」的权限，不能给别人，也不能替人操作")


def require_over(access: Access, target: Access, grants: Iterable[Grant]) -> None:
    """Refuse unless the colleague manages accounts wherever `target` works, and holds all they hold.

    Changing somebody's WeCom account, or making them a sign-in link, is as good as being them.
    `grants`: every role of the target, also while their account is closed.
    """
    held = list(grants)
    places = {Place(one.community_id, one.building_id) for one in held} or {Place(None, None)}
    for place in places:
        access.require("staff.edit", community_id=place.community_id, building_id=place.building_id)
    if access.staff_id == target.staff_id:
        return
    for one in held:
        require(access, one.permissions, one.fields, Place(one.community_id, one.building_id))


def _named(missing: list[str]) -> str:
    more = f"等 {len(missing)} 项" if len(missing) > NAMED else ""
    return "、".join(missing[:NAMED]) + more
