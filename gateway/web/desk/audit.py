"""操作记录: who did what, when; in words, and with proof that nothing was taken out."""

from collections.abc import Iterable
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from domain import clock
from domain.history import audit, checking, reading
from domain.history.checking import Walked
from domain.history.reading import Asked, EntryRow
from domain.listing import Listed, Wanted
from gateway.web.desk import audit_words as words
from gateway.web.fields import EntryId, FormKey
from gateway.web.listing import Column, Filter, ListPage, serve
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk")

SPANS = {
    "today": ("今天", 0),
    "week": ("近 7 天", 7),
    "month": ("近 30 天", 30),
    "year": ("近一年", 365),
}


def _asked(desk: Desk, wanted: Wanted) -> Asked:
    """The filters as the domain reads them."""
    what, when = wanted.filter("what"), wanted.filter("when")
    since = None
    if when:
        midnight = clock.start_of(clock.local_day(desk.at))
        since = midnight - timedelta(days=SPANS[when][1])
    programs = wanted.filter("way") == "api"
    return Asked(words.actions(what) if what else (), since, programs)


def _rows(desk: Desk, wanted: Wanted) -> Listed[EntryRow]:
    return reading.entries(desk.session, desk.access, wanted, _asked(desk, wanted))


def _everything(desk: Desk, wanted: Wanted) -> Iterable[EntryRow]:
    return reading.everything(desk.session, desk.access, wanted, _asked(desk, wanted))


PAGE = ListPage(
    key="audit",
    title="操作记录",
    unit="条记录",
    needs="audit.see",
    columns=(
        Column("时间", lambda row: row.at, look="moment"),
        Column("谁", words.who, look="strong"),
        Column("做了什么", lambda row: (f"/desk/audit/{row.id}", words.act(row.action)), look="link"),
        Column("对象", words.thing),
        Column("详情", lambda row: words.in_one_line(row, money=False), look="soft"),
    ),
    rows=_rows,
    everything=_everything,
    filters=(
        Filter(
            "what", "做了什么",
            lambda _desk: [(key, name) for key, (name, _) in words.GROUPS.items()],
        ),
        Filter("way", "经由", lambda _desk: [("api", "接口（程序代办）")]),
        Filter("when", "时间", lambda _desk: [(key, name) for key, (name, _) in SPANS.items()]),
    ),
    search="谁（姓名）",
    advice="每一条都和前一条锁在一起：删掉或改动任何一条，核对时都会发现。",
    empty=("还没有操作记录", "同事登录、修改、收款、导出以后，这里会一条一条记下来。"),
    actions=lambda _desk: [("/desk/audit/check", "核对是否完整")],
)  # fmt: skip

serve(router, PAGE)


@router.get("/audit/check")
def ask_check(request: Request) -> Response:
    """What checking means, before it is done."""
    with at_desk(request) as desk:
        desk.access.require_somewhere("audit.see")
    return _check_page(request, desk, None)


@router.post("/audit/check")
def check(request: Request, form_key: FormKey = "") -> Response:
    """Walk the chain; that it was walked is an entry too."""
    with at_desk(request, form_key=form_key) as desk:
        desk.access.require_somewhere("audit.see")
        walked = checking.walk(desk.session)
        audit.record(
            desk.session, "audit.check", subject="staff", subject_id=desk.staff.id,
            by=desk.access.actor, at=desk.at, entries=walked.entries, broken_at=walked.broken_at,
        )  # fmt: skip
    return _check_page(request, desk, walked)


def _check_page(request: Request, desk: Desk, walked: Walked | None) -> Response:
    return page(
        request, "desk/audit_check.html", desk=desk, here="audit", walked=walked,
        most=checking.MOST, whole=desk.access.may("audit.see"),
    )  # fmt: skip


@router.get("/audit/{entry_id}")
def show(request: Request, entry_id: EntryId) -> Response:
    """One entry in words, with its place in the chain."""
    with at_desk(request) as desk:
        entry, row = reading.entry(desk.session, desk.access, entry_id)
        money = reading.shows_money(desk.session, desk.access, entry.id)
        path = words.PAGES.get(row.subject, "").format(row.subject_id) if row.thing else ""
        said = words.details(row.detail, money=money)
    return page(
        request, "desk/audit_entry.html", desk=desk, here="audit", entry=entry, path=path,
        act=words.act(row.action), who=words.who(row), thing=words.thing(row), details=said,
        kind=words.WHO.get(row.actor_kind, "系统"),
    )  # fmt: skip
