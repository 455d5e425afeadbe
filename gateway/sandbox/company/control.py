"""`/_sandbox/contacts`: the administrator's hand in the contacts, for programs."""

from typing import Any

from fastapi import APIRouter, Request

from gateway.sandbox.box import box_of
from gateway.sandbox.callbacks.telling import tell_contacts
from gateway.sandbox.company.changes import Changes, apply, snapshot
from gateway.sandbox.json_in import READABLE

router = APIRouter(prefix="/_sandbox", dependencies=[READABLE])


@router.get("/contacts")
async def read_contacts(request: Request) -> dict[str, Any]:
    """Departments, members and tags as they are."""
    now = snapshot(box_of(request).store)
    return {
        "departments": [
            {"order": party.pop("sort"), **party} for party in map(dict, now.parties.values())
        ],
        "staff": list(now.members.values()),
        "tags": [{"tagid": number, **tag} for number, tag in now.tags.items()],
    }


@router.post("/contacts")
async def change_contacts(request: Request, changes: Changes) -> dict[str, Any]:
    """People join, change and leave; which events tell of it."""
    box = box_of(request)
    events = apply(box.store, changes)
    if not changes.silent:
        tell_contacts(box, events)
    return {"events": [event["ChangeType"] for event in events]}
