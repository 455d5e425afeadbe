"""消息: the letter rack with what did not arrive first, one letter with its tries, trying again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.letters import listing
from domain.letters.listing import LetterFacts
from domain.letters.model import Channel, LetterStatus, Outcome
from domain.letters.reading import LetterRow
from domain.listing import COUNTED, Listed, Wanted
from gateway.web.desk import letter_waits
from gateway.web.fields import FormKey, LetterId
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from gateway.web.words import LETTER_KINDS
from gateway.wecom.words import moment
from statemachines.letter import LETTER, send_again

router = APIRouter(prefix="/desk")

EXPORT_CHUNK = 1_000
LETTER_TONES = {
    LetterStatus.QUEUED: "busy",
    LetterStatus.SENDING: "busy",
    LetterStatus.SENT: "good",
    LetterStatus.OPENED: "good",
    LetterStatus.FAILED: "late",
}
CHANNEL_NAMES = {
    Channel.APP_MESSAGE: "企业微信应用消息",
    Channel.MASS_MESSAGE: "企业微信群发",
    Channel.PAPER: "纸质",
}
OUTCOMES = {
    Outcome.SUBMITTED: ("busy", "已交给企业微信"),
    Outcome.AWAITING_STAFF: ("due", "等同事点发送"),
    Outcome.SENT: ("good", "已送达"),
    Outcome.FAILED: ("late", "没有送到"),
    Outcome.UNKNOWN: ("quiet", "结果不明"),
}
"""How far a try got, and no further: handed over is not sent, and sent is not read."""


def letter_tag(status: LetterStatus) -> tuple[str, str]:
    """(tone, words) of a letter's state."""
    return LETTER_TONES.get(status, "quiet"), LETTER.status_names[status]


@dataclass(frozen=True, slots=True)
class Line:
    """A letter in the list, with why it has not arrived."""

    row: LetterRow
    why: str | None


def _rows(desk: Desk, wanted: Wanted) -> Listed[Line]:
    found = listing.letters(desk.session, desk.access, wanted)
    return found.dressed(_lines(desk, found.rows))


def _everything(desk: Desk, wanted: Wanted) -> Iterator[Line]:
    rows = listing.everything(desk.session, desk.access, wanted)
    while some := list(islice(rows, EXPORT_CHUNK)):
        yield from _lines(desk, some)


def _lines(desk: Desk, rows: Sequence[LetterRow]) -> list[Line]:
    waits = letter_waits.sentences(desk, rows)
    return [Line(row, row.reason or waits.get(row.id)) for row in rows]


def _statuses(_desk: Desk) -> Sequence[tuple[str, str]]:
    return [(status.value, name) for status, name in LETTER.status_names.items()]


def _kinds(desk: Desk) -> Sequence[tuple[str, str]]:
    return [(kind, LETTER_KINDS.get(kind, "通知")) for kind in listing.kinds(desk.session)]


def _notices(desk: Desk) -> Sequence[tuple[str, str]]:
    found = listing.troubles(desk.session, desk.access)
    told = []
    if found.dead:
        at_least = "至少 " if found.dead >= COUNTED else ""
        told.append(
            ("late", f"{at_least}{found.dead:,} 条消息没有送到，排在最前面。点开看原因和怎么办。")
        )
    for one in found.followed:
        said = f"{one.owners:,} 位业主在等{one.colleague}点发送（最早从{moment(one.since)}开始等）"
        told.append(("due", f"{said}。请提醒：企业微信 → 客户联系 → 群发助手。"))
    return told


PAGE = ListPage(
    key="letters",
    title="消息",
    unit="条消息",
    needs="letters.handle",
    columns=(
        Column("给谁", lambda one: (f"/desk/letters/{one.row.id}", one.row.to or "—"), look="link"),
        Column("什么消息", lambda one: LETTER_KINDS.get(one.row.kind, "通知")),
        Column("状态", lambda one: letter_tag(one.row.status), look="tag"),
        Column("为什么还没到", lambda one: one.why, look="soft"),
        Column("小区", lambda one: one.row.community, look="soft"),
        Column("试过", lambda one: f"{one.row.tries} 次" if one.row.tries else None, look="soft"),
        Column("排队时间", lambda one: one.row.queued_at, look="moment"),
    ),
    rows=_rows,
    everything=_everything,
    search="给谁（姓名）",
    filters=(
        communities("letters.handle"),
        Filter("status", "状态", _statuses),
        Filter("kind", "什么消息", _kinds),
    ),
    notices=_notices,
    empty=("还没有消息", "账单、收款等通知会出现在这里，每条都看得到送到哪一步。"),
)
serve(router, PAGE)


@router.get("/letters/{letter_id}")
def letter(request: Request, letter_id: LetterId, done: str = "") -> Response:
    """One letter: where it stands, every try, every move."""
    with at_desk(request) as desk:
        found = _seen(desk, letter_id)
        waits = letter_waits.sentences(desk, [found.row]).get(letter_id, "")
    return page(
        request, "desk/letter.html", desk=desk, here="letters", letter=found, row=found.row,
        waits=waits, done=done, channels=CHANNEL_NAMES, outcomes=OUTCOMES, verbs=LETTER.verb_names,
        tag_of=letter_tag(found.row.status), dead=found.row.status is LetterStatus.FAILED,
    )  # fmt: skip


@router.post("/letters/{letter_id}/again")
def again(request: Request, letter_id: LetterId, form_key: FormKey = "") -> Response:
    """Put a dead letter back into the rack; a second click finds it there and is told so."""
    with at_desk(request, form_key=form_key) as desk:
        _seen(desk, letter_id)
        send_again(desk.session, letter_id, by=desk.access.actor, at=desk.at)
    return RedirectResponse(f"/desk/letters/{letter_id}?done=again", 303)


def _seen(desk: Desk, letter_id: int) -> LetterFacts:
    """The letter; one of no community is for those who may everywhere."""
    found = listing.letter(desk.session, letter_id)
    desk.may("letters.handle", community_id=found.row.community_id)
    return found
