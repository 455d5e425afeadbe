"""Imports from the command line: files in, annotated copies out."""

from pathlib import Path

from deployments.office import OpenOffice
from deployments.stack.home import Home
from domain import clock
from domain.errors import Conflict, Invalid, NotFound
from domain.imports.model import ImportKind
from domain.imports.report import ImportReport
from flows import importing
from gateway.excel.limits import check_size
from gateway.excel.templates import charge_template, owner_template, reading_template

TEMPLATES = {
    ImportKind.OWNERS: owner_template,
    ImportKind.READINGS: reading_template,
    ImportKind.CHARGES: charge_template,
}


class FileNotThere(NotFound):
    """The file cannot be opened."""

    code = "file_not_found"


class FileExists(Conflict):
    """A file of this name would be overwritten."""

    code = "file_exists"


class FileNotWritable(Invalid):
    """The file cannot be written where it was asked for."""

    code = "file_not_writable"


def bring_in(
    office: OpenOffice,
    kind: ImportKind,
    name: str,
    data: bytes,
    *,
    community: str,
    login: str | None,
    dry_run: bool,
    annotated: Path | None,
) -> tuple[ImportReport, Path]:
    """Import a workbook, or only look; the report and where the annotated copy was put."""
    at = clock.now()
    if dry_run:
        report = importing.preview(
            office.engine, office.vault, community=community, kind=kind,
            file_name=name, data=data, at=at,
        )  # fmt: skip
    else:
        report = importing.check_and_apply(
            office.engine, office.vault, community=community, kind=kind,
            file_name=name, data=data, login=login, at=at,
        )  # fmt: skip
    target = annotated or _copy_of(office, name, report)
    write_file(target, report.annotated)
    return report, target


def read_file(path: Path) -> bytes:
    """The bytes of a workbook; one that is too large is not even read."""
    try:
        check_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise FileNotThere(f"打不开文件 {path}，请核对文件名") from error


def write_file(path: Path, data: bytes) -> None:
    """Keep a workbook where only this user reads it: it holds phones and ID numbers."""
    try:
        path.touch(mode=0o600)
        path.write_bytes(data)
    except OSError as error:
        raise FileNotWritable(f"不能写入 {path}，请换一个位置") from error


def write_template(kind: ImportKind, path: Path) -> None:
    """The workbook to fill in; never over a file that is there."""
    if path.exists():
        raise FileExists(f"{path} 已经存在，请换一个文件名")
    try:
        path.write_bytes(TEMPLATES[kind]())
    except OSError as error:
        raise FileNotWritable(f"不能写入 {path}，请换一个位置") from error


def _copy_of(office: OpenOffice, name: str, report: ImportReport) -> Path:
    folder = Home.at(office.settings.home).root / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = f"第{report.batch}批" if report.batch else "试运行"
    return folder / f"{Path(name).stem[:80]}-{mark}.xlsx"
