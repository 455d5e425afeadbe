"""Questions about departments, members and tags."""

from collections import defaultdict
from typing import Any

from gateway.sandbox.store import Row, Store

Record = dict[str, Any]
REMOVED = 0

BELOW = (
    "WITH RECURSIVE below (id) AS (SELECT ?1 UNION"
    " SELECT d.id FROM department d JOIN below ON d.parentid = below.id)"
)


def department(store: Store, number: int) -> Row | None:
    """The department."""
    return store.one("SELECT * FROM department WHERE id = ?", number)


def departments(store: Store, root: int = 1) -> list[Row]:
    """The department and all below it, siblings by their order (a high one comes first)."""
    return store.all(
        f"{BELOW} SELECT * FROM department WHERE id IN (SELECT id FROM below)"
        " ORDER BY parentid, sort DESC, id",
        root,
    )


def leaders(store: Store) -> dict[int, list[str]]:
    """{department: who leads it}."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for row in store.all(
        "SELECT m.department, s.userid FROM membership m JOIN staff s ON s.userid = m.userid"
        " WHERE m.leads AND s.status <> 0 ORDER BY s.rowid"
    ):
        found[row["department"]].append(row["userid"])
    return found


def direct_members(store: Store, number: int) -> list[Row]:
    """Who belongs to the department itself, not to one below it."""
    return store.all(
        "SELECT s.* FROM membership m JOIN staff s ON s.userid = m.userid"
        " WHERE m.department = ? AND s.status <> 0 ORDER BY s.rowid",
        number,
    )


def memberships(store: Store) -> dict[str, list[Row]]:
    """{member in lower case: his departments}."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in store.all("SELECT * FROM membership ORDER BY rowid"):
        found[row["userid"].lower()].append(row)
    return found


def in_department(store: Store, number: int) -> list[str] | None:
    """Everybody in the department or below it; None if there is no such department."""
    if department(store, number) is None:
        return None
    rows = store.all(
        f"{BELOW} SELECT DISTINCT s.userid FROM membership m JOIN staff s ON s.userid = m.userid"
        " WHERE m.department IN (SELECT id FROM below) AND s.status <> 0",
        number,
    )
    return [row["userid"] for row in rows]


def with_tag(store: Store, number: int) -> list[str] | None:
    """Everybody who carries the tag himself or through his department; None without the tag."""
    if tag(store, number) is None:
        return None
    members = [row["userid"] for row in tag_members(store, number)]
    for each in tag_parties(store, number):
        members += in_department(store, each) or []
    return list(dict.fromkeys(members))


def tag(store: Store, number: int) -> Row | None:
    """The tag."""
    return store.one("SELECT * FROM tag WHERE id = ?", number)


def tags(store: Store) -> list[Row]:
    """Every tag."""
    return store.all("SELECT * FROM tag ORDER BY id")


def tag_members(store: Store, number: int) -> list[Row]:
    """Who carries the tag himself."""
    return store.all(
        "SELECT s.userid, s.name FROM tag_member t JOIN staff s ON s.userid = t.userid"
        " WHERE t.tag = ? AND s.status <> 0 ORDER BY s.rowid",
        number,
    )


def tag_parties(store: Store, number: int) -> list[int]:
    """Which departments carry the tag."""
    rows = store.all("SELECT department FROM tag_party WHERE tag = ? ORDER BY department", number)
    return [row["department"] for row in rows]


def record(row: Row, homes: list[Row]) -> Record:
    """A member as user/get and user/list tell him to an app of today: no mobile, no e-mail."""
    return {
        "userid": row["userid"],
        "name": row["name"],
        "department": [home["department"] for home in homes],
        "order": [0 for _ in homes],
        "position": row["position"],
        "is_leader_in_dept": [home["leads"] for home in homes],
        "direct_leader": [],
        "main_department": row["main_department"],
        "status": row["status"],
        "isleader": int(any(home["leads"] for home in homes)),
        "enable": int(row["status"] not in (2, 5)),
    }
