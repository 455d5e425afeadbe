"""Where a role may be given: the whole company, a community, or one building, as a form says it."""

import re

from domain.access import places as stored
from domain.access.granting import Place
from domain.errors import Invalid
from gateway.web.sessions import Desk

_WRITTEN = re.compile(r"(all)|([1-9][0-9]{0,17})(?:-([1-9][0-9]{0,17}))?")


def places(desk: Desk, permission: str) -> list[tuple[str, str]]:
    """(value, words) of every place where the colleague holds the permission."""
    whole = [("all", "全公司")] if desk.access.may(permission) else []
    found = stored.within(desk.session, desk.access, permission)
    return [*whole, *((_value(place), words) for place, words in found)]


def place(typed: str) -> Place:
    """The place a form names; whether the colleague may give something there is asked later."""
    found = _WRITTEN.fullmatch(typed)
    if found is None:
        raise Invalid("请选择岗位在哪里有效")
    if found[1]:
        return Place(None, None)
    return Place(int(found[2]), int(found[3]) if found[3] else None)


def _value(place: Place) -> str:
    return f"{place.community_id}" + (f"-{place.building_id}" if place.building_id else "")
