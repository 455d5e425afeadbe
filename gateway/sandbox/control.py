"""`/_sandbox/...`: the sandbox's own levers, for programs. The package docstring is the manual."""

from datetime import datetime
from typing import Any, Self

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import model_validator

from gateway.sandbox import directory, phones, pressing
from gateway.sandbox.box import Box, box_of
from gateway.sandbox.callbacks import friendships
from gateway.sandbox.clock import iso
from gateway.sandbox.faults import Fault
from gateway.sandbox.json_in import READABLE
from gateway.sandbox.limits import LimitValues
from gateway.sandbox.people import plant
from gateway.sandbox.refusals import Refused, SeedRefused, Unknown
from gateway.sandbox.seeds import Seed, Strict

router = APIRouter(prefix="/_sandbox", dependencies=[READABLE])


class ClockMove(Strict):
    """Exactly one way to move the clock."""

    advance_seconds: int | None = None
    offset_seconds: int | None = None
    at: datetime | None = None

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """Two would contradict each other."""
        if len(self.model_fields_set) != 1:
            raise ValueError("name exactly one of advance_seconds, offset_seconds, at")
        return self


class TaskChoice(Strict):
    """One task or all of them."""

    msgid: str | None = None
    all: bool = False

    @model_validator(mode="after")
    def one_or_all(self) -> Self:
        """Saying nothing must not send everything."""
        if (self.msgid is None) == (not self.all):
            raise ValueError("name a msgid or say all: true")
        return self


class Friendship(Strict):
    """With whom; None means with all his members."""

    userid: str | None = None
    by: str = "customer"

    @model_validator(mode="after")
    def known_side(self) -> Self:
        """One of the two ends it."""
        if self.by not in ("customer", "staff"):
            raise ValueError("by is customer or staff")
        return self


async def not_done(_request: Request, error: Exception) -> JSONResponse:
    """404 unknown, 422 a seed that contradicts itself, 409 not now."""
    status = {Unknown: 404, SeedRefused: 422}.get(type(error), 409)
    return JSONResponse({"error": str(error)}, status_code=status)


async def not_understood(_request: Request, error: Exception) -> JSONResponse:
    """A body that does not fit its description: which field, and what is wrong with it."""
    assert isinstance(error, RequestValidationError)
    places = [".".join(map(str, each["loc"])) + ": " + each["msg"] for each in error.errors()]
    return JSONResponse({"error": "请求内容不符合要求", "places": places}, status_code=422)


REFUSALS = (Unknown, Refused, SeedRefused)


@router.get("/health")
async def health() -> dict[str, bool]:
    """The server answers."""
    return {"ok": True}


@router.get("/pulse")
async def pulse(request: Request) -> dict[str, int]:
    """A number that changes when a phone may look different."""
    return {"pulse": box_of(request).pulse}


@router.post("/seed")
async def seed(request: Request, wanted: Seed) -> dict[str, int]:
    """Who exists."""
    box = box_of(request)
    return plant(box.store, wanted, now=box.clock.now())


@router.get("/phones")
async def phone_list(request: Request) -> dict[str, Any]:
    """Every phone with what is unread."""
    return directory.listed(box_of(request).store)


@router.get("/phones/{phone_id}/messages")
async def phone_messages(request: Request, phone_id: str, dropped: bool = False) -> JSONResponse:
    """All that stands on one phone."""
    return JSONResponse(phones.contents(box_of(request).store, phone_id, dropped=dropped))


@router.post("/staff/{userid}/press")
async def press(request: Request, userid: str, choice: TaskChoice) -> dict[str, int]:
    """The member presses send."""
    return pressing.press(box_of(request), userid, msgid=choice.msgid)


@router.post("/staff/{userid}/ignore")
async def ignore(request: Request, userid: str, choice: TaskChoice) -> dict[str, int]:
    """The member ignores the task."""
    return {"tasks": pressing.ignore(box_of(request), userid, msgid=choice.msgid)}


@router.post("/customers/{who}/unfriend")
async def unfriend(request: Request, who: str, end: Friendship | None = None) -> dict[str, bool]:
    """One of the two deletes the other."""
    end = end or Friendship()
    friendships.unfriend(box_of(request), who, userid=end.userid, by_staff=end.by == "staff")
    return {"ok": True}


@router.post("/customers/{who}/refriend")
async def refriend(request: Request, who: str, new: Friendship | None = None) -> dict[str, bool]:
    """Friends again."""
    friendships.refriend(box_of(request), who, userid=new.userid if new else None)
    return {"ok": True}


@router.get("/clock")
async def read_clock(request: Request) -> dict[str, Any]:
    """The virtual time."""
    return clock_face(box_of(request))


@router.post("/clock")
async def move_clock(request: Request, move: ClockMove) -> dict[str, Any]:
    """Jump in time."""
    box = box_of(request)
    if move.at is not None:
        box.clock.shift_at(move.at)
    elif move.advance_seconds is not None:
        box.clock.shift_to(box.clock.offset + move.advance_seconds)
    else:
        box.clock.shift_to(move.offset_seconds or 0)
    return clock_face(box)


def clock_face(box: Box) -> dict[str, Any]:
    """Now, in two ways, and how far it is from real time."""
    now = box.clock.now()
    return {"now": iso(now), "epoch": now, "offset_seconds": box.clock.offset}


@router.get("/faults")
async def read_faults(request: Request) -> dict[str, Any]:
    """What is still to go wrong."""
    faults = box_of(request).script.faults
    return {"remaining": [fault.model_dump(exclude_defaults=True) for fault in faults]}


@router.post("/faults")
async def add_faults(request: Request, faults: list[Fault]) -> dict[str, Any]:
    """Append to the script."""
    box_of(request).script.add(faults)
    return await read_faults(request)


@router.delete("/faults")
async def clear_faults(request: Request) -> dict[str, Any]:
    """Nothing more goes wrong."""
    box_of(request).script.clear()
    return await read_faults(request)


@router.get("/calls")
async def read_calls(request: Request) -> dict[str, Any]:
    """What was called."""
    return box_of(request).calls.shown()


@router.delete("/calls")
async def clear_calls(request: Request) -> dict[str, Any]:
    """Count from zero."""
    box_of(request).calls.clear()
    return box_of(request).calls.shown()


@router.get("/limits")
async def read_limits(request: Request) -> LimitValues:
    """The ceilings in force."""
    return box_of(request).limits.values


@router.post("/limits")
async def change_limits(request: Request, values: LimitValues) -> LimitValues:
    """Change the named ones."""
    limits = box_of(request).limits
    limits.change(values)
    return limits.values


@router.post("/tokens/revoke")
async def revoke_tokens(request: Request) -> dict[str, int]:
    """Tokens die before their time."""
    return {"revoked": box_of(request).store.run("DELETE FROM token")}


@router.post("/reset")
async def reset(request: Request) -> dict[str, bool]:
    """Back to the day of the seed."""
    box_of(request).reset()
    return {"ok": True}
