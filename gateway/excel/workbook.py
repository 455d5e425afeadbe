"""An uploaded workbook as sheets of plain values."""

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import python_calamine as calamine

from gateway.excel.errors import NotAWorkbook, WorkbookTooLarge
from gateway.excel.extent import check_sheets
from gateway.excel.limits import MAX_MERGED
from gateway.excel.package import BROKEN, Package

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
Row = list[Cell]


@dataclass(frozen=True)
class Sheet:
    """One visible sheet. Rows are counted as the sheet counts them, from 1; columns from 0.

    A formula without a cached value, an error value and an empty cell all read as "".
    """

    name: str
    data: calamine.CalamineSheet

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Row number and values from column A on, every row down to the last filled one."""
        start = self.data.start
        if start is None:
            return
        left: Row = [""] * start[1]
        for number, values in enumerate(self.data.iter_rows(), 1):
            yield number, left + values if left else values

    @cached_property
    def merged_down(self) -> dict[tuple[int, int], tuple[int, int]]:
        """(row, column) of each cell below the first of a merged block -> that first cell.

        Only the block's first column: what people merge downwards is one building beside its rooms.
        """
        last, below = self.data.end[0] + 1 if self.data.end else 0, {}
        for (top, left), (bottom, _) in self.data.merged_cell_ranges or ():
            for row in range(top + 1, min(bottom + 1, last)):
                below[row + 1, left] = (top + 1, left)
            if len(below) > MAX_MERGED:
                raise WorkbookTooLarge("表格里合并的单元格太多，请取消合并后再上传")
        return below


def visible_sheets(package: Package) -> Iterator[Sheet]:
    """The worksheets a person sees, in order; hidden ones are not read."""
    check_sheets(package)
    try:
        with calamine.load_workbook(io.BytesIO(package.data)) as book:
            for meta in book.sheets_metadata:
                worksheet = meta.typ == calamine.SheetTypeEnum.WorkSheet
                if worksheet and meta.visible == calamine.SheetVisibleEnum.Visible:
                    yield Sheet(meta.name, book.get_sheet_by_name(meta.name))
    except calamine.CalamineError as cause:
        raise NotAWorkbook(BROKEN) from cause
