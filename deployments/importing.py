"""Imports from the command line: files in, annotated copies out."""

import os
from dataclasses import replace
from pathlib import Path

from deployments.office import OpenOffice
from deployments.stack.home import Home
from domain import clock
from domain.errors import Conflict, Invalid, NotFound
from domain.imports.model import ImportKind
from domain.imports.report import ImportReport
from flows import importing
from gateway.excel.limits import MAX_FILE_BYTES, check_size
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
) -> tuple[ImportReport, Path | None]:
    """Import a workbook, or only look; the report and where the annotated copy was put.

    Where the copy cannot go is refused before anything is imported. If the disk fails after that,
    the import stands: the copy is None, and a note says how to have it again.
    """
    check_target(annotated or _folder(office) / "x")
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
    target = annotated or _folder(office) / _copy_of(name, report)
    try:
        write_file(target, report.annotated)
    except FileNotWritable as failed:
        if report.batch is None:
            raise
        how = f"带批注的副本没有写成，可用 wuye import annotated {report.batch} 文件名.xlsx 取出"
        return replace(report, notes=(*report.notes, f"{failed.message}；{how}")), None
    return report, target


def read_file(path: Path) -> bytes:
    """The bytes of a workbook; one that is too large is not even read."""
    try:
        check_size(path.stat().st_size)
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)  # a device or a pipe tells no size
    except OSError as error:
        raise FileNotThere(f"打不开文件 {path}，请核对文件名") from error
    check_size(len(data))
    return data


def keep_apart(file: Path, copy: Path | None) -> None:
    """The annotated copy never goes over the workbook it came from."""
    if copy is not None and copy.exists() and copy.samefile(file):
        raise FileExists(f"带批注的副本会覆盖 {file}，请换一个文件名")


def check_target(path: Path) -> None:
    """Refuse a place where no file can be written, before there is anything to write."""
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise _not_writable(path)


def write_file(path: Path, data: bytes) -> None:
    """Keep a workbook where only this user reads it: it holds phones and ID numbers."""
    try:
        path.touch(mode=0o600)
        if path.is_file():
            path.chmod(0o600)
        path.write_bytes(data)
    except OSError as error:
        raise _not_writable(path) from error


def write_template(kind: ImportKind, path: Path) -> None:
    """The workbook to fill in; never over a file that is there."""
    try:
        if path.exists():
            raise FileExists(f"{path} 已经存在，请换一个文件名")
        path.write_bytes(TEMPLATES[kind]())
    except OSError as error:
        raise _not_writable(path) from error


def _not_writable(path: Path) -> FileNotWritable:
    return FileNotWritable(f"不能写入 {path}，请换一个位置")


def _folder(office: OpenOffice) -> Path:
    folder = Home.at(office.settings.home).root / "imports"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(folder) from error
    return folder


def _copy_of(name: str, report: ImportReport) -> str:
    """A file name that says what it is; a long one is cut, for names end at 255 bytes."""
    mark = f"第{report.batch}批" if report.batch else "试运行"
    return f"{Path(name).stem[:60]}-{mark}.xlsx"
