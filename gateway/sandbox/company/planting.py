"""Writing departments, members and tags; used by the seed and by the administrator's changes."""

from collections.abc import Sequence

from gateway.sandbox.refusals import SeedRefused
from gateway.sandbox.seeds import SeedDepartment, SeedMember, SeedTag
from gateway.sandbox.store import Store

ROOT_ID = 1
PLAIN = ("name", "mobile", "position", "email")


def plant_departments(store: Store, departments: Sequence[SeedDepartment]) -> None:
    """Add or update; every department but the company itself has a parent that exists."""
    store.run_many(
        "INSERT OR REPLACE INTO department VALUES (?, ?, ?, ?)",
        [(d.id, d.name, d.parentid if d.id != ROOT_ID else 0, d.order) for d in departments],
    )
    refuse_loose_departments(store)


def refuse_loose_departments(store: Store) -> None:
    """Following the parents from anywhere leads to the company."""
    loose = store.value(
        "WITH RECURSIVE tree (id) AS (SELECT 1 UNION SELECT d.id FROM department d"
        " JOIN tree ON d.parentid = tree.id)"
        " SELECT name FROM department WHERE id NOT IN (SELECT id FROM tree) LIMIT 1"
    )
    if loose is not None:
        raise SeedRefused(f"部门“{loose}”的上级部门不存在，或上下级绕成了圈")


def plant_staff(store: Store, staff: Sequence[SeedMember]) -> None:
    """Add or update members; what an entry does not name keeps its value."""
    for member in staff:
        plant_member(store, member)
    refuse_strays(store)


def keep_as_seeded(store: Store, staff: Sequence[SeedMember]) -> None:
    """The statuses a reset brings back."""
    store.run_many(
        "UPDATE staff SET seeded_status = status WHERE userid = ?",
        [(one.userid,) for one in staff if one.model_fields_set & {"active", "status"}],
    )


def refuse_strays(store: Store) -> None:
    """Everybody's departments exist."""
    stray = store.value(
        "SELECT s.name FROM membership m JOIN staff s ON s.userid = m.userid"
        " WHERE m.department NOT IN (SELECT id FROM department) LIMIT 1"
    )
    if stray is not None:
        raise SeedRefused(f"员工“{stray}”所在的部门不存在，请先写入这个部门")


def plant_member(store: Store, member: SeedMember) -> None:
    """One member: the row, the standing, the departments."""
    named = member.model_fields_set
    is_new = store.run(
        "INSERT OR IGNORE INTO staff (userid, name, mobile, position, active, email)"
        " VALUES (?, ?, '', '', 1, '')",
        member.userid, member.name,
    )  # fmt: skip
    for field in PLAIN:
        if field in named:
            store.run(
                f"UPDATE staff SET {field} = ? WHERE userid = ?",
                getattr(member, field), member.userid,
            )  # fmt: skip
    if named & {"active", "status"}:
        set_status(store, member.userid, member.standing)
    if is_new or "departments" in named:
        place(store, member)


def set_status(store: Store, userid: str, status: int) -> None:
    """1 active, 2 disabled, 4 not activated, 5 left, 0 removed; only 1 and 4 are written to."""
    store.run(
        "UPDATE staff SET status = ?, active = ? WHERE userid = ?",
        status, status in (1, 4), userid,
    )  # fmt: skip


def place(store: Store, member: SeedMember) -> None:
    """Into exactly these departments."""
    store.run("DELETE FROM membership WHERE userid = ?", member.userid)
    store.run_many(
        "INSERT OR IGNORE INTO membership VALUES (?, ?, ?)",
        [(member.userid, each, each in member.leads) for each in member.departments],
    )
    store.run(
        "UPDATE staff SET main_department = ? WHERE userid = ?",
        member.main_department or member.departments[0], member.userid,
    )  # fmt: skip


def plant_tags(store: Store, tags: Sequence[SeedTag]) -> None:
    """Add or update; a tag that is named again carries exactly what it names."""
    for tag in tags:
        twin = store.value("SELECT id FROM tag WHERE name = ? AND id <> ?", tag.name, tag.tagid)
        if twin is not None:
            raise SeedRefused(f"已有名为“{tag.name}”的标签，标签不能重名")
        store.run("INSERT OR REPLACE INTO tag VALUES (?, ?)", tag.tagid, tag.name)
        carry(store, "tag_member", tag.tagid, tag.members)
        carry(store, "tag_party", tag.tagid, tag.departments)
    refuse_loose_tags(store)


def carry(store: Store, table: str, tag: int, ids: Sequence[str | int]) -> None:
    """Exactly these members or departments carry the tag."""
    store.run(f"DELETE FROM {table} WHERE tag = ?", tag)
    store.run_many(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", [(tag, each) for each in ids])


def refuse_loose_tags(store: Store) -> None:
    """A tag is carried by members and departments that exist."""
    loose = store.value(
        "SELECT userid FROM tag_member WHERE userid NOT IN (SELECT userid FROM staff)"
        " UNION ALL SELECT department FROM tag_party"
        " WHERE department NOT IN (SELECT id FROM department) LIMIT 1"
    )
    if loose is not None:
        raise SeedRefused(f"标签里的“{loose}”不存在，请先写入这名员工或这个部门")
