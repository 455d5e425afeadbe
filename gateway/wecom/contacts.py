"""The contacts (通讯录) as a self-built app may read them: departments, members, tags.

Every function raises `WeComFault`. `read_all` is what the nightly sync compares with; `read_some`
re-reads the members an event hinted at.
"""

from collections.abc import Collection, Iterator
from typing import Any

from domain.staff.roster import Department, Member, Roster, Tag
from gateway.wecom.client import Reply, WeComApp
from gateway.wecom.faults import Answered, Garbled

UNKNOWN_MEMBER = 60111
WORKING = frozenset({1, 4})
"""Active, or not yet activated; 2 is disabled and 5 has left."""

PAGE = 10_000
MAX_PAGES = 100


def departments(app: WeComApp) -> list[Department]:
    """Every department the app sees."""
    path = "department/list"
    return [
        Department(int(one["id"]), int(one.get("parentid") or 0), str(one.get("name") or ""))
        for one in _rows(app, path, "department")
    ]


def members_of(app: WeComApp, department: int) -> list[Member]:
    """The direct members of a department."""
    found = _rows(app, "user/list", "userlist", department_id=department)
    return [_member(one) for one in found]


def member(app: WeComApp, userid: str) -> Member | None:
    """A member; None when WeCom knows nobody of this userid (any more)."""
    try:
        return _member(app.get("user/get", params={"userid": userid}))
    except Answered as fault:
        if fault.code == UNKNOWN_MEMBER:
            return None
        raise


def tags(app: WeComApp) -> list[Tag]:
    """Every tag the app sees, without who carries it."""
    return [
        Tag(int(one["tagid"]), str(one.get("tagname") or ""))
        for one in _rows(app, "tag/list", "taglist")
    ]


def tag(app: WeComApp, known: Tag) -> Tag:
    """The tag with who carries it."""
    path = "tag/get"
    reply = app.get(path, params={"tagid": known.id})
    users, parties = _list(path, reply, "userlist"), _list(path, reply, "partylist")
    return Tag(
        known.id,
        str(reply.get("tagname") or known.name),
        frozenset(str(one["userid"]) for one in users),
        frozenset(int(one) for one in parties),
    )


def pairs(app: WeComApp) -> Iterator[tuple[str, int]]:
    """(userid, department) of everybody; only for the contacts' own secret (48009 otherwise)."""
    path, cursor = "user/list_id", ""
    for _ in range(MAX_PAGES):
        page = app.call(path, {"cursor": cursor, "limit": PAGE})
        for one in _list(path, page, "dept_user"):
            yield str(one["userid"]), int(one["department"])
        cursor = str(page.get("next_cursor") or "")
        if not cursor:
            return
    raise Garbled(path, 200, maybe_accepted=False)


def read_all(app: WeComApp) -> Roster:
    """Everything; a fault anywhere and there is no answer, rather than half of one."""
    homes = {one.id: one for one in departments(app)}
    people: dict[str, Member] = {}
    for home in homes:
        for one in members_of(app, home):
            people.setdefault(one.userid.lower(), one)
    carried = {one.id: tag(app, one) for one in tags(app)}
    return Roster(homes, carried, people)


def read_some(app: WeComApp, userids: Collection[str], *, mapped: Collection[int]) -> Roster:
    """These members with the tags that give roles (`mapped`)."""
    homes = {one.id: one for one in departments(app)}
    known = {one.id: one for one in tags(app)}
    carried = {key: tag(app, one) if key in mapped else one for key, one in known.items()}
    found = {userid: member(app, userid) for userid in userids}
    people = {one.userid.lower(): one for one in found.values() if one is not None}
    gone = frozenset(userid.lower() for userid, one in found.items() if one is None)
    return Roster(homes, carried, people, whole=False, gone=gone)


def _member(reply: Reply) -> Member:
    return Member(
        str(reply["userid"]),
        str(reply.get("name") or ""),
        str(reply.get("position") or ""),
        frozenset(int(one) for one in reply.get("department") or ()),
        works=int(reply.get("status") or 1) in WORKING,
    )


def _rows(app: WeComApp, path: str, name: str, **asked: Any) -> list[Any]:
    return _list(path, app.get(path, params=asked), name)


def _list(path: str, reply: Reply, name: str) -> list[Any]:
    """A list of the answer. One that is missing is no empty list: nobody may be lost over it."""
    found = reply.get(name)
    if not isinstance(found, list):
        raise Garbled(path, 200, maybe_accepted=False)
    return found
