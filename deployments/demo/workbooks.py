"""The demo's workbooks: owners as a clerk keeps them, readings and parking made to fit."""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.fees.calc.periods import add_months
from domain.rooms.model import RoomKind
from gateway.excel.export import ExportColumn, write_table
from gateway.excel.owners import read_owners

OWNERS = Path(__file__).with_name("owners.xlsx")
PARKING_EVERY = 3


@dataclass(frozen=True)
class Workbook:
    """A file as it would be uploaded."""

    name: str
    data: bytes


def owners() -> Workbook:
    """The owners of 翠湖花园: 456 rooms, all people invented."""
    return Workbook("翠湖花园业主信息.xlsx", OWNERS.read_bytes())


def readings(month: date) -> Workbook:
    """Water meters read on the first of every month of three, up to the first of `month`."""
    columns = [
        ExportColumn("房号"), ExportColumn("表具类型"), ExportColumn("表号"),
        ExportColumn("本期读数", "number"), ExportColumn("抄表日期", "date"),
    ]  # fmt: skip
    days = [add_months(month, back) for back in (-2, -1, 0)]
    rows = [
        (code, "水表", f"W{_number(code):06d}", _dial(code, turn), day)
        for code in _homes()
        for turn, day in enumerate(days)
    ]
    return Workbook("水表读数.xlsx", _book("抄表读数", columns, rows))


def parking(month: date) -> Workbook:
    """A parking space for every third home since the start of the year before."""
    columns = [
        ExportColumn("房号"), ExportColumn("费用项目"), ExportColumn("数量", "number"),
        ExportColumn("开始日期", "date"), ExportColumn("备注"),
    ]  # fmt: skip
    since = date(month.year - 1, 1, 1)
    homes = [code for code in _homes() if _number(code) % PARKING_EVERY == 0]
    rows = [(code, "车位费", 1, since, f"B1-{place:03d}") for place, code in enumerate(homes, 1)]
    return Workbook("车位收费.xlsx", _book("房屋收费", columns, rows))


def _homes() -> list[str]:
    rows = read_owners(OWNERS.read_bytes(), file_name=OWNERS.name).rows
    return [row.code for row in rows if row.kind is RoomKind.RESIDENTIAL]


def _book(title: str, columns: Sequence[ExportColumn], rows: Sequence[Sequence[object]]) -> bytes:
    buffer = io.BytesIO()
    write_table(buffer, title, columns, rows)
    return buffer.getvalue()


def _dial(code: str, turn: int) -> int:
    """A dial that moves 3 to 30 tons a month: the same figures at every start of the demo."""
    start = 100 + _number(code) % 400
    return start + sum(3 + _number(f"{code}/{month}") % 28 for month in range(turn))


def _number(text: str) -> int:
    return zlib.crc32(text.encode()) % 1_000_000
