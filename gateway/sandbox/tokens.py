"""Access tokens: one per secret, the same one while it lives, checked on every call."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from gateway.sandbox.box import Box, box_of
from gateway.sandbox.replies import WeComError, ok
from gateway.sandbox.store import Store

LIFE_SECONDS = 7200
SYNC = 0
"""Stands where an app's number stands, for the secret of the contacts' synchronisation."""
router = APIRouter(prefix="/cgi-bin")


@dataclass(frozen=True)
class Caller:
    """Whose token it is: an app's, the customer-contact secret's (agent_id None), or SYNC's."""

    box: Box
    agent_id: int | None


@router.get("/gettoken")
async def gettoken(request: Request, corpid: str = "", corpsecret: str = "") -> JSONResponse:
    """A token for the secret."""
    box = box_of(request)
    agent_id = owner_of(box.store, corpid, corpsecret)
    return ok(access_token=current_token(box, agent_id), expires_in=LIFE_SECONDS)


def owner_of(store: Store, corp_id: str, secret: str) -> int | None:
    """The app the secret belongs to; None for the customer-contact secret, SYNC for contacts."""
    if not corp_id or not secret:
        raise WeComError(41004 if corp_id else 41002)
    if corp_id != store.recall("corp_id"):
        raise WeComError(40013)
    if secret == store.recall("contact_secret"):
        return None
    if secret == store.recall("sync_secret"):
        return SYNC
    agent_id: int | None = store.value("SELECT agent_id FROM app WHERE secret = ?", secret)
    if agent_id is None:
        raise WeComError(40001)
    return agent_id


def current_token(box: Box, agent_id: int | None) -> str:
    """The living token of this owner, or a new one."""
    now = box.clock.now()
    token: str | None = box.store.value(
        "SELECT token FROM token WHERE agent_id IS ? AND expires_at > ?", agent_id, now
    )
    if token is None:
        token = secrets.token_urlsafe(160)
        box.store.run("INSERT INTO token VALUES (?, ?, ?)", token, agent_id, now + LIFE_SECONDS)
    return token


async def any_caller(request: Request) -> Caller:
    """Whoever holds a living token. Raises 41001, 40014, 42001."""
    token = request.query_params.get("access_token")
    if not token:
        raise WeComError(41001)
    box = box_of(request)
    row = box.store.one("SELECT agent_id, expires_at FROM token WHERE token = ?", token)
    if row is None:
        raise WeComError(40014)
    if row["expires_at"] <= box.clock.now():
        raise WeComError(42001)
    return Caller(box, row["agent_id"])


AnyCaller = Annotated[Caller, Depends(any_caller)]


async def app_caller(caller: AnyCaller) -> Caller:
    """An app; the other secrets may not send app messages (48002)."""
    if not caller.agent_id:
        raise WeComError(48002)
    return caller


async def contact_caller(caller: AnyCaller) -> Caller:
    """The customer-contact secret, or an app that is allowed to act for it (48002)."""
    if caller.agent_id is not None and not may_contact(caller.box.store, caller.agent_id):
        raise WeComError(48002)
    return caller


async def sync_caller(caller: AnyCaller) -> Caller:
    """The contacts' secret; an app only while the company has not set one up (48009)."""
    if caller.agent_id != SYNC and caller.box.store.recall("sync_secret") is not None:
        raise WeComError(48009)
    return caller


def may_contact(store: Store, agent_id: int) -> bool:
    """Is the app on the list of apps that may call customer contact?"""
    if agent_id == SYNC:
        return False
    allowed = store.value("SELECT customer_contact FROM app WHERE agent_id = ?", agent_id)
    return bool(store.recall("contact_secret") is None if allowed is None else allowed)


AppCaller = Annotated[Caller, Depends(app_caller)]
ContactCaller = Annotated[Caller, Depends(contact_caller)]
SyncCaller = Annotated[Caller, Depends(sync_caller)]


def own_agent(caller: Caller, body: dict[str, Any]) -> int:
    """The body's agentid, which must be the caller's own (40056, 301002)."""
    try:
        agent_id = int(body["agentid"])
    except (KeyError, TypeError, ValueError):
        raise WeComError(40056) from None
    if agent_id != caller.agent_id:
        raise WeComError(301002)
    return agent_id
