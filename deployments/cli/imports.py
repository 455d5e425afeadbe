"""`wuye import`: owners, readings and charges from workbooks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit
from domain.imports.model import ImportKind
from domain.imports.report import Finding, ImportReport

app = typer.Typer(no_args_is_help=True)

SHOWN = 20
File = Annotated[Path, typer.Argument(help="要导入的工作簿（.xlsx）")]
Community = Annotated[str, typer.Option(help="小区名称")]
By = Annotated[str | None, typer.Option(help="由哪位员工导入（工号）；不填记为系统操作")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只检查并列出差异，什么也不保存")]
Annotated_ = Annotated[
    Path | None, typer.Option("--annotated", help="带批注的副本放在哪里；不填放在数据目录")
]
Json = Annotated[bool, AsJson]


@app.callback()
def imports() -> None:
    """导入：业主、抄表读数、房屋收费；撤销一批导入；下载模板。"""


@app.command()
def owners(
    file: File,
    community: Community,
    by: By = None,
    *,
    dry_run: DryRun = False,
    annotated: Annotated_ = None,
    as_json: Json = False,
) -> None:
    """导入业主信息。有错的行不导入，其余照常；同一个文件再导入一次不会有任何变化。"""
    _bring_in(ImportKind.OWNERS, file, community, by, dry_run, annotated, as_json)


@app.command()
def readings(
    file: File,
    community: Community,
    by: By = None,
    *,
    dry_run: DryRun = False,
    annotated: Annotated_ = None,
    as_json: Json = False,
) -> None:
    """导入抄表读数。还没有登记的表，第一个读数就是它的起点。"""
    _bring_in(ImportKind.READINGS, file, community, by, dry_run, annotated, as_json)


@app.command()
def charges(
    file: File,
    community: Community,
    by: By = None,
    *,
    dry_run: DryRun = False,
    annotated: Annotated_ = None,
    as_json: Json = False,
) -> None:
    """导入房屋收费，如车位费；备注里的车牌或车位号用来区分同一房屋的几项。"""
    _bring_in(ImportKind.CHARGES, file, community, by, dry_run, annotated, as_json)


@app.command()
def undo(
    batch: Annotated[int, typer.Argument(help="批次号")], by: By = None, *, as_json: Json = False
) -> None:
    """撤销一批导入。导入之后改过或用过的行保留，并逐行列出。"""
    from deployments.office import open_office
    from domain import clock
    from flows import importing

    with open_office() as office:
        report = importing.undo(office.engine, batch, login=by, at=clock.now())
    words = [f"第 {batch} 批已撤销。"]
    if report.kept:
        words = [f"第 {batch} 批已撤销，保留了 {len(report.kept)} 行："]
        words += [f"  第 {one.row} 行：{one.reason}" for one in report.kept[:SHOWN]]
        words += _more(report.kept)
    emit(report.as_json(), "\n".join(words), as_json=as_json)


@app.command()
def annotated(
    batch: Annotated[int, typer.Argument(help="批次号")],
    path: Annotated[Path, typer.Argument(help="放在哪里（.xlsx）")],
    by: By = None,
    reason: Annotated[str, typer.Option(help="为什么取出，会留下记录")] = "核对导入结果",
    *,
    as_json: Json = False,
) -> None:
    """取出一批导入的带批注副本。

    里面有电话和身份证号，所以谁取的、为什么取，都会留下记录。
    """
    from deployments import importing as files
    from deployments.office import open_office
    from domain import clock
    from flows import importing

    files.check_target(path)
    with open_office() as office:
        report = importing.hand_out(
            office.engine, office.vault, batch, reason=reason, login=by, at=clock.now()
        )
    files.write_file(path, report.annotated)
    emit({"batch": batch, "annotated": str(path)}, f"已写入 {path}。", as_json=as_json)


@app.command()
def template(
    kind: Annotated[ImportKind, typer.Argument(help="owners 业主，readings 读数，charges 收费")],
    path: Annotated[Path, typer.Argument(help="放在哪里（.xlsx）")],
    *,
    as_json: Json = False,
) -> None:
    """写出一份带示例和填写说明的模板。"""
    from deployments.importing import write_template

    write_template(kind, path)
    emit(
        {"template": str(path)}, f"模板已写入 {path}，填好后用 wuye import 导入。", as_json=as_json
    )


def _bring_in(
    kind: ImportKind,
    file: Path,
    community: str,
    by: str | None,
    dry_run: bool,
    annotated: Path | None,
    as_json: bool,
) -> None:
    from deployments.importing import bring_in, keep_apart, read_file
    from deployments.office import open_office

    data = read_file(file)
    keep_apart(file, annotated)
    with open_office() as office:
        report, copy = bring_in(
            office, kind, file.name, data,
            community=community, login=by, dry_run=dry_run, annotated=annotated,
        )  # fmt: skip
    place = None if copy is None else str(copy)
    emit(report.as_json(place), "\n".join(_words(report, place)), as_json=as_json)


def _words(report: ImportReport, copy: str | None) -> Iterable[str]:
    if report.dry_run:
        yield f"{report.community}：检查完成，什么也没有保存。"
    else:
        yield f"{report.community}：导入完成（第 {report.batch} 批）。"
    yield (
        f"通过 {report.accepted} 行：新增 {report.new}，变更 {report.changed}，"
        f"无变化 {report.unchanged}；冲突 {len(report.conflicting)} 行；"
        f"不通过 {len({one.row for one in report.refused})} 行；跳过 {len(report.ignored_rows)} 行。"
    )
    yield from report.notes
    yield from _listed("变更", [f"第 {row} 行：{said}" for row, said in report.changes])
    yield from _listed("冲突，没有导入", _cells(report.conflicting))
    yield from _listed("不通过", _cells(report.refused))
    if copy:
        yield f"带批注的副本：{copy}"


def _cells(findings: Iterable[Finding]) -> list[str]:
    return [f"{one.sheet} {one.column}{one.row}：{one.message}".lstrip() for one in findings]


def _listed(title: str, lines: list[str]) -> Iterable[str]:
    if lines:
        yield f"{title}："
        yield from (f"  {line}" for line in lines[:SHOWN])
        yield from _more(lines)


def _more(things: list[str] | tuple[object, ...]) -> list[str]:
    return [f"  另有 {len(things) - SHOWN} 行，见带批注的副本。"] if things[SHOWN:] else []
