"""消息: the rack, and another try for what did not arrive."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from domain.letters import listing
from domain.letters.model import LetterStatus
from domain.letters.reading import LetterRow
from gateway.web.api.answers import ACT, FOUND, READ, Page, Told, paged, refusals
from gateway.web.api.fields import CommunityFilter, Id, PageNumber, PageSize, wanted
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.desk import letter_waits
from gateway.web.sessions import Desk
from gateway.web.words import LETTER_KINDS
from statemachines.letter import LETTER, send_again

router = APIRouter(route_class=GuardedRoute, tags=["消息"])

LetterId = Annotated[Id, Path(description="消息编号", examples=[301])]


class LetterInList(Told):
    """一条消息。"""

    id: int = Field(description="消息编号", examples=[301])
    kind: str = Field(description="什么消息", examples=["bill.issued"])
    kind_name: str = Field(description="什么消息，中文", examples=["账单通知"])
    status: LetterStatus = Field(description="状态", examples=["failed"])
    status_name: str = Field(description="状态的中文", examples=["未送达"])
    to: str | None = Field(description="给谁", examples=["潘超"])
    community_id: int | None = Field(description="小区编号；不属于哪个小区时为空", examples=[1])
    queued_at: datetime = Field(description="放进来的时刻", examples=["2026-11-25T02:00:00Z"])
    tries: int = Field(description="试过几次", examples=[3])
    waits: str | None = Field(
        description="还没送到的在等什么、等谁、等到几时；不在等时为空",
        examples=[
            "等林管家点发送：11月29日 周日 04:31已交到企业微信，在“客户联系 → 群发助手”里点了“发送”，业主才会收到"
        ],
    )
    failure_code: str | None = Field(description="为什么没送到，代号")
    failure_reason: str | None = Field(description="为什么没送到，该怎么办")


@router.get("/letters", summary="消息列表", responses=refusals(*READ))
def letters(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    status: Annotated[LetterStatus | None, Query(description="只看这个状态")] = None,
) -> Page[LetterInList]:
    """没送到的在前，然后是最新的。需要 letters.handle。"""
    how = wanted(page, size, community=community, status=status)
    with acting(request) as desk:
        desk.access.require_somewhere("letters.handle")
        found = listing.letters(desk.session, desk.access, how)
        waits = letter_waits.sentences(desk, found.rows)
        return paged(found, page, lambda row: _told(row, waits))


@router.get("/letters/{letter_id}", summary="一条消息", responses=refusals(*FOUND))
def letter(request: Request, letter_id: LetterId) -> LetterInList:
    """送到哪一步。需要 letters.handle。"""
    with acting(request) as desk:
        return _one(desk, letter_id)


@router.post("/letters/{letter_id}/retry", summary="重新发送", responses=refusals(*ACT))
def retry(request: Request, letter_id: LetterId) -> LetterInList:
    """把没送到的消息放回待发；已经在发的不动。需要 letters.handle。"""
    with acting(request) as desk:
        _seen(desk, letter_id)
        send_again(desk.session, letter_id, by=desk.access.actor, at=desk.at)
        desk.session.flush()
        return _one(desk, letter_id)


def _seen(desk: Desk, letter_id: int) -> LetterRow:
    found = listing.letter(desk.session, letter_id).row
    desk.may("letters.handle", community_id=found.community_id)
    return found


def _one(desk: Desk, letter_id: int) -> LetterInList:
    row = _seen(desk, letter_id)
    return _told(row, letter_waits.sentences(desk, [row]))


def _told(row: LetterRow, waits: Mapping[int, str]) -> LetterInList:
    return LetterInList(
        id=row.id, kind=row.kind, kind_name=LETTER_KINDS.get(row.kind, "其他消息"),
        status=row.status, status_name=LETTER.status_names[row.status], to=row.to,
        community_id=row.community_id, queued_at=row.queued_at, tries=row.tries,
        waits=waits.get(row.id),
        failure_code=row.code, failure_reason=row.reason,
    )  # fmt: skip
