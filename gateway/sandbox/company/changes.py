"""What the administrator does in the contacts, and the events WeCom makes of it.

The contacts are looked at before and after, so that an event tells exactly what has changed: a
change that changes nothing tells nothing.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from gateway.sandbox.company.planting import (
    plant_departments,
    plant_staff,
    plant_tags,
    set_status,
)
from gateway.sandbox.company.records import (
    REMOVED,
    departments,
    memberships,
    record,
    tag_members,
    tag_parties,
    tags,
)
from gateway.sandbox.people import member
from gateway.sandbox.refusals import Refused, Unknown
from gateway.sandbox.seeds import Id, SeedDepartment, SeedMember, SeedTag, Strict
from gateway.sandbox.store import Store

Event = dict[str, Any]
FULL_FIELDS = {
    "Name": "name",
    "Department": "department",
    "MainDepartment": "main_department",
    "IsLeaderInDept": "is_leader_in_dept",
    "Position": "position",
    "Status": "status",
}


class Removal(Strict):
    """Who and what goes."""

    staff: list[Id] = Field(default_factory=list)
    departments: list[int] = Field(default_factory=list)
    tags: list[int] = Field(default_factory=list)


class Changes(Strict):
    """The body of POST /_sandbox/contacts."""

    departments: list[SeedDepartment] = Field(default_factory=list)
    staff: list[SeedMember] = Field(default_factory=list)
    tags: list[SeedTag] = Field(default_factory=list)
    remove: Removal = Field(default_factory=Removal)
    silent: bool = False


@dataclass(frozen=True)
class Snapshot:
    """The contacts at one moment, by id."""

    members: dict[str, dict[str, Any]]
    parties: dict[int, dict[str, Any]]
    tags: dict[int, dict[str, Any]]


def snapshot(store: Store) -> Snapshot:
    """As they are now."""
    homes = memberships(store)
    people = [
        record(row, homes[row["userid"].lower()]) | {"mobile": row["mobile"], "email": row["email"]}
        for row in store.all("SELECT * FROM staff WHERE status <> 0")
    ]
    return Snapshot(
        {one["userid"]: one for one in people},
        {row["id"]: dict(row) for row in departments(store)},
        {
            row["id"]: {
                "name": row["name"],
                "users": [each["userid"] for each in tag_members(store, row["id"])],
                "parties": tag_parties(store, row["id"]),
            }
            for row in tags(store)
        },
    )


def apply(store: Store, changes: Changes) -> list[Event]:
    """Change the contacts; the change_contact events that tell of it.

    Who joins here was not in the seed: a reset removes him again.

    Raises:
        SeedRefused: it would contradict what is there.
        Unknown, Refused: what is to go is not there, or still holds others.
    """
    with store.writing():
        before = snapshot(store)
        for userid in changes.remove.staff:
            remove_member(store, userid)
        plant_departments(store, changes.departments)
        returning(store, changes.staff)
        newcomers = [one.userid for one in changes.staff if member(store, one.userid) is None]
        plant_staff(store, changes.staff)
        store.run_many(
            "UPDATE staff SET seeded_status = 0 WHERE userid = ?", [(who,) for who in newcomers]
        )
        plant_tags(store, changes.tags)
        for number in changes.remove.tags:
            remove_tag(store, number)
        for number in changes.remove.departments:
            remove_department(store, number)
        return told(before, snapshot(store))


def returning(store: Store, staff: list[SeedMember]) -> None:
    """A removed member who is written again is back, as active unless it says otherwise."""
    for one in staff:
        row = member(store, one.userid)
        if row is not None and row["status"] == REMOVED:
            set_status(store, one.userid, 1)


def remove_member(store: Store, userid: str) -> None:
    """He is no longer in the contacts; what he has sent and received stays."""
    row = member(store, userid)
    if row is None or row["status"] == REMOVED:
        raise Unknown("没有找到这名员工")
    set_status(store, userid, REMOVED)
    store.run("DELETE FROM tag_member WHERE userid = ?", userid)


def remove_department(store: Store, number: int) -> None:
    """Only an empty one may go, as WeCom has it."""
    if number == 1 or not store.value("SELECT 1 FROM department WHERE id = ?", number):
        raise Unknown("没有找到这个部门，或它是公司本身")
    if store.value("SELECT 1 FROM department WHERE parentid = ?", number) or store.value(
        "SELECT 1 FROM membership m JOIN staff s ON s.userid = m.userid"
        " WHERE m.department = ? AND s.status <> 0",
        number,
    ):
        raise Refused("部门里还有下级部门或成员，不能删除")
    store.run("DELETE FROM membership WHERE department = ?", number)
    store.run("DELETE FROM tag_party WHERE department = ?", number)
    store.run("DELETE FROM department WHERE id = ?", number)


def remove_tag(store: Store, number: int) -> None:
    """Nobody carries it any more."""
    if not store.run("DELETE FROM tag WHERE id = ?", number):
        raise Unknown("没有找到这个标签")
    store.run("DELETE FROM tag_member WHERE tag = ?", number)
    store.run("DELETE FROM tag_party WHERE tag = ?", number)


def told(before: Snapshot, after: Snapshot) -> list[Event]:
    """The events: departments first, then members, then tags."""
    return [*party_events(before, after), *member_events(before, after), *tag_events(before, after)]


def party_events(before: Snapshot, after: Snapshot) -> list[Event]:
    """create_party, update_party, delete_party."""
    found = []
    for number in sorted(before.parties.keys() | after.parties.keys()):
        verb = verb_of(before.parties.get(number), after.parties.get(number))
        if verb:
            party = after.parties.get(number) or before.parties[number]
            facts = {"Id": number, "ParentId": party["parentid"]}
            full = {"Name": party["name"], "Order": party["sort"]}
            found.append(event(f"{verb}_party", facts, full))
    return found


def member_events(before: Snapshot, after: Snapshot) -> list[Event]:
    """create_user, update_user, delete_user."""
    found = []
    for userid in [*before.members, *(after.members.keys() - before.members.keys())]:
        old, new = before.members.get(userid), after.members.get(userid)
        verb = verb_of(old, new)
        if verb:
            full = {key: new[field] for key, field in FULL_FIELDS.items()} if new else {}
            if verb == "update" and old and new:
                changed = {key for key, field in FULL_FIELDS.items() if old[field] != new[field]}
                full = {key: value for key, value in full.items() if key in changed}
            found.append(event(f"{verb}_user", {"UserID": userid}, full))
    return found


def tag_events(before: Snapshot, after: Snapshot) -> list[Event]:
    """update_tag: whom it was given to and taken from."""
    found = []
    for number in sorted(before.tags.keys() | after.tags.keys()):
        old = before.tags.get(number, {"users": [], "parties": []})
        new = after.tags.get(number, {"users": [], "parties": []})
        facts = {
            "AddUserItems": [each for each in new["users"] if each not in old["users"]],
            "DelUserItems": [each for each in old["users"] if each not in new["users"]],
            "AddPartyItems": [each for each in new["parties"] if each not in old["parties"]],
            "DelPartyItems": [each for each in old["parties"] if each not in new["parties"]],
        }
        if any(facts.values()):
            said = {key: value for key, value in facts.items() if value}
            found.append(event("update_tag", {"TagId": number, **said}, {}))
    return found


def verb_of(old: Any, new: Any) -> str | None:
    """create, update or delete; None when nothing differs."""
    if old == new:
        return None
    return "update" if old and new else ("create" if new else "delete")


def event(change: str, facts: dict[str, Any], full: dict[str, Any]) -> Event:
    """A change_contact event; `full` is only for a callback that is told everything."""
    return {"Event": "change_contact", "ChangeType": change, **facts, "full": full}
