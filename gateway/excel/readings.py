"""The meter readings workbook: one row per dial read."""

import datetime as dt

from domain.imports.rows import ReadingRow
from domain.meters.model import MeterKind
from gateway.excel import cells
from gateway.excel.errors import BadCell
from gateway.excel.header import PLACE, Schema
from gateway.excel.line import Line
from gateway.excel.table import TableRead, read_table
from gateway.excel.workbook import Cell

SCHEMA = Schema(
    title="抄表读数",
    words=PLACE
    | {
        "meter": "表具类型 表类型 仪表类型 表计类型 表种 类型 表具",
        "serial": "表号 表具编号 仪表编号 表计编号 水表号 电表号",
        "reading": "本期读数 本次读数 本月读数 本期示数 本次示数 止码 止数 读数 示数 表底 表数",
        "read_on": "抄表日期 抄表时间 读数日期 抄见日期 日期",
        "estimated": "是否估抄 是否估读 估抄 估读 读数类型",
        "note": "备注 说明",
    },
    required=(("room",), ("meter", "serial"), ("reading",), ("read_on",)),
    key=frozenset({"reading"}),
)

_KINDS = {
    MeterKind.WATER: "水表 水 冷水 冷水表 自来水 自来水表",
    MeterKind.POWER: "电表 电 电力 电能表",
    MeterKind.GAS: "燃气表 燃气 天然气 煤气 煤气表 气表 气",
    MeterKind.HEAT: "热量表 热表 热力 暖气 暖气表 供热 热",
}
KINDS = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_ESTIMATED = {"估抄": True, "估读": True, "估": True, "是": True, "y": True, "1": True}
_ACTUAL = {
    "实抄": False,
    "实读": False,
    "实": False,
    "否": False,
    "n": False,
    "0": False,
    "正常": False,
}


ReadingSheet = TableRead[ReadingRow]


def read_readings(data: bytes, *, file_name: str = "") -> ReadingSheet:
    """Every row of the readings' table; codes room_*, meter_*, reading_*, date_*, `reading_duplicate`."""
    first_rows: dict[object, int] = {}
    return read_table(data, file_name, SCHEMA, lambda line: _read(line, first_rows))


def _read(line: Line, first_rows: dict[object, int]) -> ReadingRow | None:
    room = line.room()
    serial = cells.squeezed(line["serial"]) or None
    meter = _meter(line, serial)
    reading = line.take("reading", lambda value: cells.quantity(value, "reading", "本期读数"))
    read_on = line.take("read_on", _read_on)
    estimated = line.take("estimated", _estimated)
    if line.errors or room is None or reading is None or read_on is None:
        return None
    first = first_rows.setdefault((room.code, meter, serial, read_on), line.number)
    if first != line.number:
        line.refuse(
            "reading", BadCell("reading_duplicate", f"同一块表同一天的读数和第 {first} 行重复")
        )
        return None
    return ReadingRow(
        line.number, cells.text(line["community"]) or None, room.code,
        meter, serial, reading, read_on, bool(estimated), cells.as_typed(line["note"]),
    )  # fmt: skip


def _meter(line: Line, serial: str | None) -> MeterKind | None:
    """The kind may be left out where the serial says which meter it is."""
    if serial and cells.is_absent(line["meter"]):
        return None
    return line.take("meter" if "meter" in line.columns else "serial", _kind)


def _kind(value: Cell) -> MeterKind:
    if cells.is_absent(value):
        raise BadCell("meter_missing", "表具类型和表号至少填写一个")
    found = KINDS.get(cells.squeezed(value))
    if found is None:
        raise BadCell("meter_unknown", "不认识这种表具，可填：水表、电表、燃气表、热量表")
    return found


def _read_on(value: Cell) -> dt.date:
    found = cells.day(value, "抄表日期")
    if found is None:
        raise BadCell("date_missing", "抄表日期没有填写")
    return found


def _estimated(value: Cell) -> bool:
    if cells.is_absent(value):
        return False
    found = (_ESTIMATED | _ACTUAL).get(cells.squeezed(value).lower())
    if found is None:
        raise BadCell("estimated_invalid", "是否估抄请填“是”或“否”")
    return found
