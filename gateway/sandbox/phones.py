"""What stands on each phone: the read side of pages and of /_sandbox/phones."""

import json
from typing import Any

from gateway.sandbox.clock import iso
from gateway.sandbox.people import customer, member
from gateway.sandbox.refusals import Unknown
from gateway.sandbox.rich import links_in
from gateway.sandbox.store import Row, Store, marks

Shown = dict[str, Any]


def phone(store: Store, phone_id: str) -> tuple[str, Row]:
    """("staff" | "customer", the person). Raises Unknown."""
    row = member(store, phone_id)
    if row is not None:
        return "staff", row
    row = customer(store, phone_id)
    if row is None:
        raise Unknown("没有找到这部手机")
    return "customer", row


def contents(store: Store, phone_id: str, *, dropped: bool = False) -> Shown:
    """Everything on the phone, as GET /_sandbox/phones/{id}/messages answers."""
    kind, person = phone(store, phone_id)
    if kind == "customer":
        who = person["external_userid"]
        messages: list[Shown] = customer_messages(store, who)
        return shown_phone(who, kind, person["name"], messages, [])
    who = person["userid"]
    messages = staff_messages(store, who, dropped=dropped)
    return shown_phone(who, kind, person["name"], messages, tasks(store, who))


def shown_phone(
    who: str, kind: str, name: str, messages: list[Shown], waiting: list[Shown]
) -> Shown:
    """The envelope of a phone."""
    return {"id": who, "kind": kind, "name": name, "messages": messages, "tasks": waiting}


def staff_messages(
    store: Store, userid: str, *, dropped: bool = False, last: int = 1_000_000
) -> list[Shown]:
    """The member's inbox, oldest first; the last so many."""
    rows = store.all(
        "SELECT i.id, i.msgid, i.state, i.at, m.type, a.agent_id, a.name,"
        " coalesce(c.content, m.content) AS content, c.replaced, c.at AS changed_at"
        " FROM inbox i JOIN message m ON m.msgid = i.msgid JOIN app a ON a.agent_id = i.agent_id"
        " LEFT JOIN card_state c ON c.inbox = i.id"
        " WHERE i.userid = ? AND (? OR i.state <> 'dropped') ORDER BY i.id DESC LIMIT ?",
        userid, dropped, last,
    )  # fmt: skip
    touched = clicks(store, [row["id"] for row in rows if row["type"] == "template_card"])
    return [staff_message(row, touched) for row in reversed(rows)]


def clicks(store: Store, inbox: list[int]) -> dict[int, list[Shown]]:
    """{card on this phone: what was touched on it, the latest last}."""
    found: dict[int, list[Shown]] = {}
    for start in range(0, len(inbox), 500):
        chunk = inbox[start : start + 500]
        for row in store.all(
            f"SELECT * FROM click WHERE inbox IN ({marks(chunk)}) ORDER BY id", *chunk
        ):
            entry = {"at": iso(row["at"]), "words": row["words"], "delivery": row["delivery"]}
            found.setdefault(row["inbox"], []).append(entry)
    return found


def staff_message(row: Row, touched: dict[int, list[Shown]]) -> Shown:
    """One app message; a recalled one has lost its content, a card shows how it stands now."""
    recalled = row["state"] == "recalled"
    content = {} if recalled else json.loads(row["content"])
    card: Shown = {}
    if row["type"] == "template_card" and not recalled:
        replaced = row["replaced"] or content.get("replace_text")
        card = {"replaced": replaced, "changed_at": iso(row["changed_at"])}
        card["clicks"] = touched.get(row["id"], [])
    return {
        "id": row["id"],
        "msgid": row["msgid"],
        "at": iso(row["at"]),
        "type": row["type"],
        **({"card": card} if card else {}),
        "content": content,
        "links": links_in(content),
        "app": {"agent_id": row["agent_id"], "name": row["name"]},
        "state": row["state"],
    }


def customer_messages(store: Store, who: str, *, last: int = 1_000_000) -> list[Shown]:
    """The customer's chat with the company's members, oldest first; the last so many."""
    rows = store.all(
        "SELECT c.id, c.msgid, c.notice, c.at, c.userid, s.name, m.text, m.attachments"
        " FROM chat c JOIN staff s ON s.userid = c.userid LEFT JOIN mass m ON m.msgid = c.msgid"
        " WHERE c.external_userid = ? ORDER BY c.id DESC LIMIT ?",
        who, last,
    )  # fmt: skip
    return [customer_message(row) for row in reversed(rows)]


def customer_message(row: Row) -> Shown:
    """A mass message, or a grey line about the friendship."""
    text = row["notice"] or row["text"]
    attached = json.loads(row["attachments"] or "[]")
    return {
        "id": row["id"],
        "msgid": row["msgid"],
        "at": iso(row["at"]),
        "type": "notice" if row["notice"] else "mass",
        "text": text,
        "attachments": attached,
        "links": links_in([text, attached]),
        "from": {"userid": row["userid"], "name": row["name"]},
    }


def tasks(
    store: Store, userid: str, *, pending: bool | None = None, last: int = 1_000_000
) -> list[Shown]:
    """The member's mass-message tasks, newest first; only the open ones, or only the others."""
    rows = store.all(
        "SELECT t.id, t.msgid, t.state, t.sent_at, m.text, m.attachments, m.created_at,"
        " (SELECT count(*) FROM reminder r WHERE r.msgid = t.msgid) AS reminders"
        " FROM task t JOIN mass m ON m.msgid = t.msgid"
        " WHERE t.userid = ? AND (? IS NULL OR (t.state = 'pending') = ?)"
        " ORDER BY t.id DESC LIMIT ?",
        userid, pending, pending, last,
    )  # fmt: skip
    people = recipients(store, [row["id"] for row in rows])
    return [task_shown(row, people.get(row["id"], [])) for row in rows]


def task_shown(row: Row, people: list[Shown]) -> Shown:
    """One task."""
    return {
        "msgid": row["msgid"],
        "state": row["state"],
        "created_at": iso(row["created_at"]),
        "sent_at": iso(row["sent_at"]),
        "text": row["text"],
        "attachments": json.loads(row["attachments"]),
        "reminders": row["reminders"],
        "recipients": people,
    }


def recipients(store: Store, task_ids: list[int]) -> dict[int, list[Shown]]:
    """{task: its customers with their status}."""
    found: dict[int, list[Shown]] = {}
    for start in range(0, len(task_ids), 500):
        chunk = task_ids[start : start + 500]
        for row in store.all(
            "SELECT g.task, g.external_userid, g.status, c.name, coalesce(f.remark, '') AS remark"
            " FROM target g JOIN task t ON t.id = g.task"
            " JOIN customer c ON c.external_userid = g.external_userid"
            " LEFT JOIN follow f ON f.external_userid = g.external_userid AND f.userid = t.userid"
            f" WHERE g.task IN ({marks(chunk)}) ORDER BY g.id",
            *chunk,
        ):
            person = {key: row[key] for key in ("external_userid", "name", "remark", "status")}
            found.setdefault(row["task"], []).append(person)
    return found
