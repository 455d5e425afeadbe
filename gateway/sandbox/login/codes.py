"""Codes and tickets: drawn when somebody has said who he is, redeemed by the app."""

import hashlib
import secrets
from dataclasses import dataclass

from gateway.sandbox.box import Box
from gateway.sandbox.people import customer, member
from gateway.sandbox.refusals import Refused, Unknown
from gateway.sandbox.replies import WeComError
from gateway.sandbox.store import Row, Store

CODE_SECONDS = 300
TICKET_SECONDS = 1800
PRIVATE = "snsapi_privateinfo"
ACTIVE = 1


@dataclass(frozen=True)
class Person:
    """A member or a customer who can log in."""

    who: str
    name: str
    is_member: bool


def person(store: Store, who: str) -> Person:
    """Raises Unknown, or Refused for a member who may not use the company's WeCom any more."""
    row = member(store, who)
    if row is not None:
        if row["status"] != ACTIVE:
            raise Refused(f"{row['name']}已不在这家企业，或账号没有启用，不能登录")
        return Person(row["userid"], row["name"], is_member=True)
    row = customer(store, who)
    if row is None:
        raise Unknown("没有找到这个人")
    return Person(row["external_userid"], row["name"], is_member=False)


def draw(box: Box, who: str, *, scope: str, agent_id: int | None) -> str:
    """A code for this person, good once and for five minutes."""
    known = person(box.store, who)
    return issue(box, "code", known.who, scope, agent_id, CODE_SECONDS)


def issue(box: Box, kind: str, who: str, scope: str, agent_id: int | None, seconds: int) -> str:
    """A new secret."""
    secret = secrets.token_urlsafe(32)
    box.store.run(
        "INSERT INTO login VALUES (?, ?, ?, ?, ?, ?)",
        secret, kind, who, scope, agent_id, box.clock.now() + seconds,
    )  # fmt: skip
    return secret


def redeem(box: Box, code: str, agent_id: int | None) -> Row:
    """Use the code up. 40029: unknown, used, too old, or drawn for another app."""
    row = box.store.one("SELECT * FROM login WHERE secret = ? AND kind = 'code'", code)
    if row is None or row["agent_id"] not in (None, agent_id):
        raise WeComError(40029)
    box.store.run("DELETE FROM login WHERE secret = ?", code)
    if row["expires_at"] <= box.clock.now():
        raise WeComError(40029)
    return row


def ticket_holder(box: Box, ticket: str, agent_id: int | None) -> Row:
    """The member behind a user_ticket. 84014 too old, 84015 unknown."""
    row = box.store.one(
        "SELECT * FROM login WHERE secret = ? AND kind = 'ticket' AND agent_id IS ?",
        ticket, agent_id,
    )  # fmt: skip
    if row is None:
        raise WeComError(84015)
    if row["expires_at"] <= box.clock.now():
        raise WeComError(84014)
    found = member(box.store, row["who"])
    assert found is not None
    return found


def openid(who: str) -> str:
    """A customer's openid for this company: always the same, and not his external_userid."""
    return "o" + hashlib.sha256(f"openid:{who}".encode()).hexdigest()[:27]
