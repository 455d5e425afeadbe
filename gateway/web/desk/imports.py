"""导入: the batches, the templates to fill in, and handing a workbook in.

The file is sealed into a batch at once; the flow that checks it is told only the batch's number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock, locks
from domain.access import sessions, starts
from domain.access.sessions import NotSignedIn
from domain.company.model import Community
from domain.errors import BackOfficeError, Invalid, NotFound
from domain.imports import batches, listing
from domain.imports.listing import BatchRow
from domain.imports.model import ImportKind, ImportStatus
from domain.listing import Listed, Wanted
from domain.session import transaction
from gateway.excel.limits import MAX_FILE_BYTES, MAX_ROWS, check_file
from gateway.excel.templates import charge_template, owner_template, reading_template
from gateway.web.desk import import_flow
from gateway.web.errors import face
from gateway.web.listing import WORKBOOK, Column, Filter, ListPage, communities, serve
from gateway.web.pages import page
from gateway.web.sessions import COOKIE, Desk, at_desk, engine_of, life, settings_of
from gateway.web.sure import may_ask_again
from gateway.web.uploads import Uploaded, uploaded
from gateway.web.vault import vault_of
from gateway.web.words import actor
from statemachines.import_batch import IMPORT_BATCH

router = APIRouter(prefix="/desk")

PERMISSION = "imports.apply"
KIND_NAMES = {
    ImportKind.OWNERS: "业主和房屋",
    ImportKind.READINGS: "抄表读数",
    ImportKind.CHARGES: "房屋收费",
}
TEMPLATES: Mapping[ImportKind, Callable[[], bytes]] = {
    ImportKind.OWNERS: owner_template,
    ImportKind.READINGS: reading_template,
    ImportKind.CHARGES: charge_template,
}
A_MOMENT = timedelta(minutes=10)
"""The same file from the same colleague within it is the same upload, sent twice."""
TONES = {ImportStatus.CHECKED: "due", ImportStatus.APPLIED: "good"}


def batch_tag(row: BatchRow) -> tuple[str, str]:
    """(tone, words) of where a batch stands; one not read yet is not checked yet."""
    if row.status is ImportStatus.CHECKED and not row.checked:
        return ("late", "读不了") if row.refusal else ("busy", "检查中")
    if row.status is ImportStatus.CHECKED:
        return "due", "已检查，还没导入"
    return TONES.get(row.status, "quiet"), IMPORT_BATCH.status_names[row.status]


def _rows(desk: Desk, wanted: Wanted) -> Listed[BatchRow]:
    return listing.batches(desk.session, desk.access, wanted)


def _everything(desk: Desk, wanted: Wanted) -> Iterator[BatchRow]:
    return listing.everything(desk.session, desk.access, wanted)


def _kinds(_desk: Desk) -> Sequence[tuple[str, str]]:
    return [(kind.value, name) for kind, name in KIND_NAMES.items()]


def _statuses(_desk: Desk) -> Sequence[tuple[str, str]]:
    return [(status.value, name) for status, name in IMPORT_BATCH.status_names.items()]


PAGE = ListPage(
    key="imports",
    title="导入",
    unit="批",
    needs=PERMISSION,
    columns=(
        Column("批次", lambda row: (f"/desk/imports/{row.id}", f"第 {row.id} 批"), look="link"),
        Column("内容", lambda row: KIND_NAMES[row.kind]),
        Column("小区", lambda row: row.community_name),
        Column("状态", batch_tag, look="tag"),
        Column("文件", lambda row: row.file_name, look="soft"),
        Column("经办人", lambda row: actor(row.actor_name), look="soft"),
        Column("时间", lambda row: row.created_at, look="moment", sort="time"),
        Column("通过", lambda row: row.told.get("accepted"), look="number"),
        Column("有问题", lambda row: row.faults if row.checked else None, look="number"),
    ),
    rows=_rows,
    everything=_everything,
    search="文件名或经办人",
    filters=(
        communities(PERMISSION),
        Filter("kind", "内容", _kinds),
        Filter("status", "状态", _statuses),
    ),
    advice="上传工作簿，先看清楚会改什么，再导入；导错了可以整批撤销。",
    empty=("还没有导入过", "点“上传工作簿”开始；没有现成的表，可以先下载模板填写。"),
    actions=lambda _desk: [("/desk/imports/new", "上传工作簿")],
)
serve(router, PAGE)


@router.get("/imports/new")
def new(request: Request, kind: str = "", community: str = "") -> Response:
    """Choosing a workbook, or a template to fill in."""
    with at_desk(request) as desk:
        return _form(request, desk, {"kind": kind, "community": community})


@router.get("/imports/template")
def template(request: Request, kind: ImportKind = ImportKind.OWNERS) -> Response:
    """The workbook to fill in."""
    with at_desk(request) as desk:
        desk.access.require_somewhere(PERMISSION)
    return Response(
        TEMPLATES[kind](),
        media_type=WORKBOOK,
        headers={"Content-Disposition": f'attachment; filename="{kind.value}-template.xlsx"'},
    )


def allowed(request: Request) -> None:
    """Refuse whoever may not import before a byte of their file is read."""
    token = request.cookies.get(COOKIE)
    if not token:
        raise NotSignedIn("您还没有登录工作台")
    with transaction(engine_of(request)) as session:
        lasting = life(settings_of(request))
        here = sessions.current(session, token, life=lasting, at=clock.now())
        here.access.require_somewhere(PERMISSION)


@router.post("/imports", dependencies=[Depends(allowed)])
def upload(request: Request, sent: Annotated[Uploaded, Depends(uploaded)]) -> Response:
    """Keep the workbook as a batch and have it checked; the same form again finds the same batch."""
    form_key = sent.field("form_key")
    if sent.problem is not None and not form_key:
        raise sent.problem
    try:
        with at_desk(request, form_key=form_key) as desk:
            if sent.problem is not None:
                raise sent.problem
            start = receive(request, desk, sent)
    except BackOfficeError as refusal:
        may_ask_again(refusal)
        with at_desk(request, form_key=form_key) as desk:
            return _form(request, desk, sent.fields, refusal)
    import_flow.try_to_hand_over(request, start)
    return RedirectResponse(f"/desk/imports/{start.parameters['form']['batch']}", 303)


def receive(request: Request, desk: Desk, sent: Uploaded) -> starts.Started:
    """The workbook kept as a batch, and the start of its check; the same again is the same batch."""
    place = _place(desk, sent)
    desk.may(PERMISSION, community_id=place.id)
    kind = _kind(sent)
    if not sent.data:
        raise Invalid("请选择要上传的工作簿")
    check_file(sent.data)
    locks.hold(desk.session, f"import upload {desk.staff.id}")
    known = batches.just_received(
        desk.session, community_id=place.id, kind=kind, data=sent.data, by=desk.access.actor,
        since=desk.at - A_MOMENT,
    )  # fmt: skip
    batch = known or batches.receive(
        desk.session, vault_of(desk.config), community_id=place.id, kind=kind,
        file_name=sent.name, data=sent.data, by=desk.access.actor, at=desk.at,
    )  # fmt: skip
    return import_flow.begin(
        desk, listing.batch(desk.session, batch.id), "check", 1,
        request_id=request.scope["state"]["request_id"],
    )  # fmt: skip


def _place(desk: Desk, sent: Uploaded) -> Community:
    typed = sent.field("community")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    found = desk.session.get(Community, number)
    if found is None:
        raise Invalid("请选择小区") if not typed else NotFound("没有找到这个小区")
    return found


def _kind(sent: Uploaded) -> ImportKind:
    if sent.field("kind") not in list(ImportKind):
        raise Invalid("请选择工作簿里是什么")
    return ImportKind(sent.field("kind"))


def _form(
    request: Request,
    desk: Desk,
    typed: Mapping[str, str],
    refusal: BackOfficeError | None = None,
) -> Response:
    desk.access.require_somewhere(PERMISSION)
    return page(
        request, "desk/import_new.html", desk=desk, here="imports", typed=typed, kinds=KIND_NAMES,
        places=desk.access.communities(desk.session, PERMISSION, whole=True),
        refusal=refusal.message if refusal else "", most=MAX_FILE_BYTES, rows=MAX_ROWS,
        status=face(refusal).status if refusal else 200,
    )  # fmt: skip
