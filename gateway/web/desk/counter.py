"""收费台: find the household; see what is owed there."""

import re
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.payments import queries as payments
from domain.rooms import queries as rooms
from gateway.excel.errors import BadCell
from gateway.excel.rooms import room_from_code
from gateway.web.desk import household, words_sought
from gateway.web.fields import FormKey, RoomId, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk, settings_of

router = APIRouter(prefix="/desk/counter")

HITS = 30
RECEIPTS = 8
BILL_NO = re.compile(r"ZD[0-9]{6,30}")


@router.get("")
def counter(request: Request, s: str = "") -> Response:
    """The search box; with `s`, what was found."""
    words = words_sought.opened(settings_of(request), s) if s else ""
    with at_desk(request) as desk:
        where = _communities(desk)
        hits = _find(desk, where, words) if words else []
        midnight = clock.start_of(clock.local_day(desk.at))
        mine = (desk.session, desk.staff.id)
        receipts = payments.latest(*mine, since=midnight, limit=RECEIPTS)
        till = payments.till(*mine, since=midnight)
    return page(
        request, "desk/counter.html", desk=desk, words=words, hits=hits[:HITS],
        more=len(hits) > HITS, receipts=receipts, till=till,
    )  # fmt: skip


@router.post("/search")
def search(request: Request, q: Typed = "", form_key: FormKey = "") -> Response:
    """Look for rooms; the only one found opens at once."""
    words = one_line(q)
    if BILL_NO.fullmatch(words.upper()):
        words = words.upper()
    if not words:
        return RedirectResponse("/desk/counter", 303)
    with at_desk(request, form_key=form_key) as desk:
        hits = _find(desk, _communities(desk), words)
    if len(hits) == 1:
        only = f"?bill={words}" if BILL_NO.fullmatch(words) else ""
        return RedirectResponse(f"/desk/counter/rooms/{hits[0].id}{only}", 303)
    return RedirectResponse(
        f"/desk/counter?s={words_sought.sealed(settings_of(request), words)}", 303
    )


@router.get("/rooms/{room_id}")
def room(request: Request, room_id: RoomId, bill: str = "") -> Response:
    """What is owed on a room, ready to be taken; `bill` chooses one by its number."""
    with at_desk(request) as desk:
        home = household.at(desk, room_id)
    return household.show(request, desk, home, only=bill)


def _communities(desk: Desk) -> Sequence[int]:
    desk.access.require_somewhere("payments.take")
    return [one.id for one in desk.access.communities(desk.session, "payments.take", whole=True)]


def _find(desk: Desk, where: Sequence[int], words: str) -> list[rooms.RoomHit]:
    on = clock.local_day(desk.at)
    return rooms.find(desk.session, where, words, code=_room_code(words), on=on, limit=HITS + 1)


def _room_code(words: str) -> str | None:
    """`5栋1单元101室` -> `5-1-101`; None where the words are no room."""
    try:
        return room_from_code(words).code
    except BadCell:
        return None
