"""导入: check, apply or undo a workbook that was uploaded. Files never travel in parameters."""

from dataclasses import replace
from enum import StrEnum
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run
from pydantic import BaseModel, Field

from domain import clock
from domain.errors import BackOfficeError
from domain.history.actor import Actor
from domain.imports import batches
from domain.imports.model import ImportStatus
from domain.imports.report import Finding, ImportReport
from domain.session import transaction
from flows import importing
from flows.importing import UndoReport
from flows.office import engine, step, vault

FLOW = Actor.operator("owner-import")
SHOWN = 20


class Action(StrEnum):
    """What to do with a batch."""

    CHECK = "check"
    APPLY = "apply"
    UNDO = "undo"


BEFORE = {
    Action.CHECK: ImportStatus.CHECKED,
    Action.APPLY: ImportStatus.CHECKED,
    Action.UNDO: ImportStatus.APPLIED,
}
"""Where a batch stands before it is acted on."""
ACTION_NAMES = {Action.CHECK: "检查", Action.APPLY: "导入", Action.UNDO: "撤销"}


class ImportForm(BaseModel):
    """导入参数"""

    batch: int = Field(
        ge=1,
        title="批次",
        description="上传工作簿后得到的批次号",
        json_schema_extra={"position": 0},
    )
    action: Action = Field(
        Action.CHECK,
        title="做什么",
        description="check 检查并列出差异，apply 导入，undo 撤销整批",
        json_schema_extra={"position": 1},
    )
    by: str = Field(
        "",
        title="经办人",
        description="员工工号；不填记为系统操作",
        max_length=60,
        json_schema_extra={"position": 2},
    )
    token: int | None = Field(
        None,
        ge=1,
        title="接口令牌",
        description="由程序发起时，是经办人的哪个令牌（编号）；人发起的不填",
        json_schema_extra={"position": 3},
    )


def run_name() -> str:
    """What operators see in the list of runs."""
    form = flow_run.parameters.get("form") or {}
    told = form.model_dump() if isinstance(form, ImportForm) else dict(form)
    name = ACTION_NAMES.get(told.get("action") or Action.CHECK, "")
    return f"导入 第 {told.get('batch', '?')} 批 {name}"


@flow(
    name="owner-import",
    flow_run_name=run_name,
    description="检查、导入或撤销一批已上传的业主、读数、收费工作簿；结果和前几处错误写在产物里。",
)
def owner_import(form: ImportForm) -> dict[str, Any]:
    """导入工作簿。

    Args:
        form: 批次和要做的事
    """
    try:
        return _done(form)
    except BackOfficeError as refusal:
        keep_refusal(form.batch, form.action, refusal.message)
        raise


def _done(form: ImportForm) -> dict[str, Any]:
    by = form.by or None
    if form.action is Action.UNDO:
        undone = undo(form.batch, by, form.token)
        _leave(form, _undone(undone))
        return undone.as_json()
    looking = form.action is Action.CHECK
    report = (check if looking else apply)(form.batch, by, form.token)
    _leave(form, _told(report))
    return {
        "batch": form.batch, "accepted": report.accepted, "new": report.new,
        "changed": report.changed, "unchanged": report.unchanged,
        "refused": len(report.refused), "conflicting": len(report.conflicting),
    }  # fmt: skip


@step("记下第 {batch} 批没有做成的原因")
def keep_refusal(batch: int, action: Action, sentence: str) -> None:
    """Where the page that follows the batch reads it. A run that comes too late says nothing there:
    the batch has moved on.
    """
    with transaction(engine()) as session:
        if batches.standing(session, batch) == BEFORE[action]:
            batches.note_refusal(session, batch, sentence)


@step("检查第 {batch} 批")
def check(batch: int, by: str | None, token: int | None) -> ImportReport:
    """Read the kept workbook again and say what applying it would do."""
    report = importing.check_batch(
        engine(), vault(), batch, by=_flow(token), login=by, at=clock.now()
    )
    return replace(report, annotated=b"")


@step("导入第 {batch} 批")
def apply(batch: int, by: str | None, token: int | None) -> ImportReport:
    """Write what the batch brings; a run that comes again finds it done."""
    if importing.status(engine(), batch) == "applied":
        report = importing.stored(engine(), vault(), batch)
    else:
        report = importing.apply(
            engine(), vault(), batch, by=_flow(token), login=by, at=clock.now()
        )
    return replace(report, annotated=b"")  # Prefect never sees the workbook


@step("撤销第 {batch} 批")
def undo(batch: int, by: str | None, token: int | None) -> UndoReport:
    """Take back what the batch brought; a run that comes again finds it done."""
    with transaction(engine()) as session:
        if batches.standing(session, batch) is ImportStatus.UNDONE:
            community = batches.community_of(session, batches.find(session, batch))
            return UndoReport(batch, community, tuple(batches.kept_of(session, batch)))
    return importing.undo(engine(), batch, by=_flow(token), login=by, at=clock.now())


def _flow(token: int | None) -> Actor:
    return replace(FLOW, token_id=token)


def _leave(form: ImportForm, page: str) -> None:
    name = f"第 {form.batch} 批 {ACTION_NAMES[form.action]}"
    create_markdown_artifact(page, key=f"owner-import-{form.batch}", description=name)


def _told(report: ImportReport) -> str:
    head = "检查结果（还没有导入）" if report.dry_run else "导入结果"
    lines = [
        f"## {report.community} {head}",
        "",
        f"- 通过 **{report.accepted}** 行",
        f"- 其中新增 {report.new}，变更 {report.changed}，无变化 {report.unchanged}",
        f"- 冲突 **{len(report.conflicting)}** 行，没有导入",
        f"- 不通过 **{len({one.row for one in report.refused})}** 行，共 {len(report.refused)} 处",
        f"- 跳过 {len(report.ignored_rows)} 行（标题、表头、空行、合计）",
        *(f"- {note}" for note in report.notes),
        "",
        *_errors("不通过", report.refused),
        *_errors("冲突", report.conflicting),
        f"带批注的工作簿：`wuye import annotated {report.batch} 文件名.xlsx`",
    ]
    return "\n".join(lines) + "\n"


def _errors(title: str, findings: tuple[Finding, ...]) -> list[str]:
    if not findings:
        return []
    rows = [f"| {one.row} | {one.column} | {one.message} |" for one in findings[:SHOWN]]
    more = [f"另有 {len(findings) - SHOWN} 处，见带批注的工作簿。", ""] if findings[SHOWN:] else []
    where = f"（工作表「{findings[0].sheet}」）" if findings[0].sheet else ""
    return [
        f"### {title}{where}",
        "",
        "| 行 | 列 | 原因 |",
        "| --- | --- | --- |",
        *rows,
        "",
        *more,
    ]


def _undone(report: UndoReport) -> str:
    lines = [f"## {report.community} 第 {report.batch} 批已撤销", ""]
    if report.kept:
        lines += [f"有 {len(report.kept)} 行没有撤销：", "", "| 行 | 原因 |", "| --- | --- |"]
        lines += [f"| {one.row} | {one.reason} |" for one in report.kept[:SHOWN]]
    return "\n".join(lines) + "\n"
