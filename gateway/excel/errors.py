"""What can be wrong with a workbook as a whole, and with one cell of it."""

from dataclasses import dataclass
from typing import Any

from domain.errors import Invalid


class WorkbookRefused(Invalid):
    """The file as a whole cannot be taken; nothing of it was read."""

    code = "workbook_refused"


class WorkbookTooLarge(WorkbookRefused):
    """Too many bytes, rows or cells, before or after unzipping."""

    code = "workbook_too_large"


class WorkbookTooManyRows(WorkbookTooLarge):
    """A table longer than we read at once."""

    code = "workbook_too_many_rows"


class WorkbookBomb(WorkbookTooLarge):
    """A small file that unfolds into a huge one."""

    code = "workbook_bomb"


class NotAWorkbook(WorkbookRefused):
    """Not an .xlsx workbook, or a broken one."""

    code = "workbook_not_xlsx"


class MacroWorkbook(WorkbookRefused):
    """Holds macros."""

    code = "workbook_macro"


class EncryptedWorkbook(WorkbookRefused):
    """Protected with a password to open."""

    code = "workbook_encrypted"


class UnsafeWorkbook(WorkbookRefused):
    """Holds XML declarations that no spreadsheet program writes (entities, document types)."""

    code = "workbook_unsafe"


class HeaderMissing(WorkbookRefused):
    """No sheet has a row with the column names we look for."""

    code = "header_missing"


class ColumnsMissing(WorkbookRefused):
    """The header was found, but columns that every row needs are not in it."""

    code = "columns_missing"


class BadCell(Invalid):
    """One value that cannot be taken. Its sentence never repeats a phone or an ID number."""

    def __init__(self, code: str, message: str, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.code = code


@dataclass(frozen=True, slots=True)
class CellError:
    """One refused cell: `row` as the sheet counts, `column` its letters, `header` its heading."""

    sheet: str
    row: int
    column: str
    header: str
    code: str
    message: str

    @property
    def cell(self) -> str:
        """`E12`."""
        return f"{self.column}{self.row}"
