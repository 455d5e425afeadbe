"""One import batch: what was found in it, what it would change, applying it, taking it back."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.errors import BackOfficeError, NotAllowedNow, NotPermitted
from domain.history import audit
from domain.imports import batches, listing
from domain.imports.listing import BatchRow
from domain.imports.model import ImportKind, ImportStatus
from domain.staff.model import FieldAccess, PersonalField
from gateway.web.desk import import_flow
from gateway.web.desk.import_flow import Action
from gateway.web.desk.imports import KIND_NAMES, PERMISSION, batch_tag
from gateway.web.fields import BatchId, FormKey, Typed
from gateway.web.listing import WORKBOOK
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from gateway.web.sure import Sure, may_ask_again, reason, sure
from gateway.web.vault import vault_of
from statemachines.import_batch import IMPORT_BATCH

router = APIRouter(prefix="/desk/imports/{batch_id}")

SHOWN = 200


@router.get("")
def batch(request: Request, batch_id: BatchId) -> Response:
    """Where a batch stands; the page looks again by itself while the flow works on it."""
    with at_desk(request) as desk:
        row = visible(desk, batch_id)
        now = import_flow.under_way(desk, row)
        facts: dict[str, Any] = dict(
            row=row, tag_of=batch_tag(row), kind=KIND_NAMES[row.kind], told=row.told,
            opens=_may_open(desk, row), others=listing.same_file(desk.session, batch_id)[:3],
            faults=_faults(row), kept=row.told.get(batches.KEPT, []),
        )  # fmt: skip
    if now is not None:
        now = import_flow.looked_at(request, desk, now)
    return page(
        request, "desk/import.html", desk=desk, here="imports", now=now, shown=SHOWN, **facts
    )


@router.post("/check")
def check(
    request: Request, batch_id: BatchId, turn: Typed = "", form_key: FormKey = ""
) -> Response:
    """Have the workbook checked again after something broke off."""
    with at_desk(request, form_key=form_key) as desk:
        row = visible(desk, batch_id)
        if row.checked or row.status is not ImportStatus.CHECKED:
            raise NotAllowedNow("这一批已经检查过了，刷新就能看到结果")
        start = import_flow.begin(desk, row, "check", _turn(turn), request_id=_id(request))
    import_flow.try_to_hand_over(request, start)
    return RedirectResponse(f"/desk/imports/{batch_id}", 303)


@router.get("/apply")
def ask_apply(request: Request, batch_id: BatchId) -> Response:
    """What importing would do, in numbers."""
    return _ask(request, batch_id, "apply")


@router.post("/apply")
def apply(
    request: Request, batch_id: BatchId, turn: Typed = "", form_key: FormKey = ""
) -> Response:
    """Have the batch imported; a second click is the same start."""
    return _begin(request, batch_id, "apply", turn, form_key)


@router.get("/undo")
def ask_undo(request: Request, batch_id: BatchId) -> Response:
    """What undoing would do, in numbers."""
    return _ask(request, batch_id, "undo")


@router.post("/undo")
def undo(request: Request, batch_id: BatchId, turn: Typed = "", form_key: FormKey = "") -> Response:
    """Have the batch taken back."""
    return _begin(request, batch_id, "undo", turn, form_key)


@router.post("/annotated")
def annotated(
    request: Request, batch_id: BatchId, purpose: Typed = "", form_key: FormKey = ""
) -> Response:
    """The workbook with comments. It shows whole phones and ID numbers: who and why is on record."""
    with at_desk(request, form_key=form_key) as desk:
        row = visible(desk, batch_id)
        if not row.checked:
            raise NotAllowedNow("这一批还没有检查完，还没有带批注的副本")
        if not _may_open(desk, row):
            raise NotPermitted(
                "副本里有完整的电话和证件号，只有上传的人和能看完整信息的同事可以下载"
            )
        why = reason(purpose, "下载副本")
        found = batches.find(desk.session, batch_id)
        copy = batches.annotated(vault_of(desk.config), found)
        audit.record(
            desk.session, "import.handed_out", subject="import_batch", subject_id=batch_id,
            by=desk.access.actor, at=desk.at, reason=why,
        )  # fmt: skip
    name = f"import-{batch_id}-annotated.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(copy, media_type=WORKBOOK, headers=headers)


def _ask(request: Request, batch_id: int, action: Action) -> Response:
    with at_desk(request) as desk:
        return sure(request, desk, _act(desk, visible(desk, batch_id), action))


def _begin(request: Request, batch_id: int, action: Action, turn: str, form_key: str) -> Response:
    try:
        with at_desk(request, form_key=form_key) as desk:
            row = visible(desk, batch_id)
            if blocked := in_the_way(row, action):
                raise NotAllowedNow(blocked)
            start = import_flow.begin(desk, row, action, _turn(turn), request_id=_id(request))
    except BackOfficeError as refusal:
        may_ask_again(refusal)
        with at_desk(request, form_key=form_key) as desk:
            what = _act(desk, visible(desk, batch_id), action)
            return sure(request, desk, what, refusal=refusal)
    import_flow.try_to_hand_over(request, start)
    return RedirectResponse(f"/desk/imports/{batch_id}", 303)


def _act(desk: Desk, row: BatchRow, action: Action) -> Sure:
    told = row.told
    turn = import_flow.last_turn(desk, row.id, action)
    asked_before = import_flow.under_way(desk, row)
    shared: dict[str, Any] = dict(
        here="imports", back=f"/desk/imports/{row.id}", action=f"/desk/imports/{row.id}/{action}",
        # The turn under way is given again: two tabs are one start.
        seen={"turn": turn if asked_before and not asked_before.over else turn + 1},
        blocked=in_the_way(row, action),
    )  # fmt: skip
    figures = [(name, f"{told.get(key, 0):,} 行") for name, key in
               (("新增", "new"), ("变更", "changed"), ("无变化", "unchanged"))]  # fmt: skip
    where = f"{row.community_name}的{KIND_NAMES[row.kind]}"
    if action == "apply":
        return Sure(
            title=f"导入第 {row.id} 批",
            sentence=f"把{where}导入：新增 {told.get('new', 0):,} 行，变更 {told.get('changed', 0):,} 行",
            figures=[*figures, ("不导入", f"{_rows(told, 'refused', 'conflicting'):,} 行")],
            warnings=[
                "以导入那一刻的资料为准：检查以后别人改过的，会重新比对。",
                "导错了可以整批撤销。",
            ],
            button="确认导入",
            **shared,
        )
    return Sure(
        title=f"撤销第 {row.id} 批",
        sentence=f"撤销{where}的导入：新增的 {told.get('new', 0):,} 行删掉，变更的 {told.get('changed', 0):,} 行改回去",
        figures=figures,
        warnings=["导入以后被改过、或者已经被账单和收款用到的行会保留，撤销完会逐行列出。"],
        button="确认撤销",
        grave=True,
        **shared,
    )


def in_the_way(row: BatchRow, action: Action) -> str:
    """Why this cannot be done with the batch now, or nothing."""
    name = IMPORT_BATCH.status_names[row.status]
    if action == "undo":
        return "" if row.status is ImportStatus.APPLIED else f"这一批{name}，没有可以撤销的。"
    if row.status is not ImportStatus.CHECKED:
        return f"这一批{name}，不用再导入。"
    if not row.checked:
        return "这一批还没有检查完，请稍等。"
    return "" if row.told.get("accepted") else "没有一行可以导入，请改好工作簿再上传。"


def visible(desk: Desk, batch_id: int) -> BatchRow:
    """The batch, where the colleague may import."""
    row = listing.batch(desk.session, batch_id)
    desk.may(PERMISSION, community_id=row.community_id)
    return row


def _may_open(desk: Desk, row: BatchRow) -> bool:
    """Whole numbers are for who uploaded them, or sees whole numbers there anyway."""
    if row.kind is not ImportKind.OWNERS or import_flow.may_open_copy(desk, row):
        return row.checked
    levels = [
        desk.access.field(field, community_id=row.community_id) for field in PersonalField
    ]  # fmt: skip
    return row.checked and all(level is FieldAccess.FULL for level in levels)


def _faults(row: BatchRow) -> list[tuple[str, dict[str, Any]]]:
    """Cells that were not taken, row by row: refused ones and conflicts."""
    told = [("refused", one) for one in row.told.get("refused", [])]
    told += [("conflicting", one) for one in row.told.get("conflicting", [])]
    return sorted(told, key=lambda pair: (pair[1]["row"], pair[1]["column"]))


def _rows(told: dict[str, Any], *names: str) -> int:
    found: Sequence[dict[str, Any]] = [one for name in names for one in told.get(name, [])]
    return len({one["row"] for one in found})


def _turn(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and 0 < len(typed) < 4 else 1


def _id(request: Request) -> str:
    found: str = request.scope["state"]["request_id"]
    return found
