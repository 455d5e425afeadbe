"""What a mass message says and whom it is for, checked before a task is made of it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.contents import (
    DESCRIPTION_BYTES,
    MEDIA_KINDS,
    TITLE_BYTES,
    URL_BYTES,
    address,
    living_media,
)
from gateway.sandbox.people import member
from gateway.sandbox.replies import WeComError, text_field
from gateway.sandbox.store import Store, marks

TEXT_BYTES = 4000
MOST_ATTACHMENTS = 9
MOST_CUSTOMERS = 10_000
ATTACHMENTS = frozenset({"image", "link", "miniprogram", "video", "file"})

Attachment = dict[str, Any]


@dataclass(frozen=True)
class Audience:
    """Customers by the member who must press send, and the ids that are left out."""

    by_member: dict[str, list[str]]
    fail_list: list[str]


def message_text(body: dict[str, Any]) -> str:
    """The words, at most 4000 bytes; may be empty when something is attached."""
    text = body.get("text") or {}
    if not isinstance(text, dict):
        raise WeComError(40058, "text must be an object")
    return text_field(text, "content", TEXT_BYTES)


def attachments(store: Store, body: dict[str, Any], *, now: int) -> list[Attachment]:
    """Up to nine attachments, each checked by its kind."""
    attached = body.get("attachments") or []
    if not isinstance(attached, list) or len(attached) > MOST_ATTACHMENTS:
        raise WeComError(41064)
    return [attachment(store, each, now=now) for each in attached]


def attachment(store: Store, given: Any, *, now: int) -> Attachment:
    """{"msgtype": kind, kind: {...}} with only the fields the phone shows."""
    kind = given.get("msgtype") if isinstance(given, dict) else None
    if kind not in ATTACHMENTS:
        raise WeComError(41065)
    content = given.get(kind)
    if not isinstance(content, dict):
        raise WeComError(40058, f"{kind} missing")
    if kind == "link":
        return {"msgtype": kind, kind: link(content)}
    if kind in MEDIA_KINDS and not content.get("pic_url"):
        filename = living_media(store, kind, text_field(content, "media_id"), now=now)
        content = {"media_id": content["media_id"], "filename": filename}
    return {"msgtype": kind, kind: content}


def link(content: dict[str, Any]) -> dict[str, Any]:
    """A link card."""
    title = text_field(content, "title", TITLE_BYTES)
    if not title:
        raise WeComError(40058, "link title missing")
    return {
        "title": title,
        "picurl": text_field(content, "picurl", URL_BYTES),
        "desc": text_field(content, "desc", DESCRIPTION_BYTES),
        "url": address(content, "url"),
    }


def audience(store: Store, body: dict[str, Any], struck_out: frozenset[str]) -> Audience:
    """Whom the message can be sent to.

    With a sender, his customers among those named (all of them when none is named); without,
    each named customer by the member who has known him longest.

    Raises:
        WeComError: 40003 unknown sender, 40058 nobody named, and when nobody is left 40096
        (all unknown), 84061 (all known, none a customer) or 41048.
    """
    sender, wanted = sender_of(store, body), named_customers(body)
    if not sender and not wanted:
        raise WeComError(40058, "external_userid and sender are both empty")
    chosen = relations(store, sender, wanted) if wanted else customers_of(store, sender)
    kept = {who: by for who, by in chosen.items() if who.lower() not in struck_out}
    fail_list = [who for who in wanted or chosen if who not in kept]
    if not kept:
        raise WeComError(nobody_left(store, wanted))
    by_member: defaultdict[str, list[str]] = defaultdict(list)
    for who, userid in kept.items():
        by_member[userid].append(who)
    return Audience(dict(by_member), fail_list)


def sender_of(store: Store, body: dict[str, Any]) -> str:
    """The member's id as the company writes it; "" when none is named."""
    named = text_field(body, "sender")
    row = member(store, named) if named else None
    if named and (row is None or not row["active"]):
        raise WeComError(40003, "sender")
    return row["userid"] if row is not None else ""


def named_customers(body: dict[str, Any]) -> list[str]:
    """The ids of the body, each once."""
    wanted = body.get("external_userid") or []
    if not isinstance(wanted, list) or not all(isinstance(who, str) for who in wanted):
        raise WeComError(40058, "external_userid must be a list of strings")
    if len(wanted) > MOST_CUSTOMERS:
        raise WeComError(40058, "external_userid over limit")
    return list(dict.fromkeys(wanted))


def customers_of(store: Store, userid: str) -> dict[str, str]:
    """{customer: member} for all customers of one member."""
    rows = store.all(
        "SELECT external_userid FROM follow WHERE userid = ? AND state <> 'removed'", userid
    )
    return {row["external_userid"]: userid for row in rows}


def relations(store: Store, sender: str, wanted: list[str]) -> dict[str, str]:
    """{customer: member} for those wanted; the sender, or the one who came first."""
    rows = store.all(
        "SELECT f.external_userid, f.userid FROM follow f JOIN staff s ON s.userid = f.userid"
        f" WHERE f.external_userid IN ({marks(wanted)}) AND f.state <> 'removed' AND s.active"
        " ORDER BY f.since DESC, f.rowid DESC",
        *wanted,
    )
    by_customer = {
        row["external_userid"]: row["userid"]
        for row in rows
        if not sender or row["userid"].lower() == sender.lower()
    }
    return {who: by_customer[who] for who in wanted if who in by_customer}


def nobody_left(store: Store, wanted: list[str]) -> int:
    """Why there is nobody to send to."""
    known = store.value(
        f"SELECT count(*) FROM customer WHERE external_userid IN ({marks(wanted)})", *wanted
    )
    if wanted and known == 0:
        return 40096
    return 84061 if wanted and known == len(wanted) else 41048
