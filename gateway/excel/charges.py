"""The room charges workbook: which room pays which fee item, from when to when."""

import datetime as dt
from decimal import Decimal

from domain.imports.rows import ChargeRow
from gateway.excel import cells
from gateway.excel.errors import BadCell
from gateway.excel.header import PLACE, Schema
from gateway.excel.line import Line
from gateway.excel.table import TableRead, read_table
from gateway.excel.workbook import Cell

SCHEMA = Schema(
    title="房屋收费",
    words=PLACE
    | {
        "item": "费用项目 收费项目 费项 费用名称 收费名称 项目",
        "quantity": "数量 个数 车位数 计费数量",
        "amount": "金额 收费金额 费用金额 应收金额",
        "starts_on": "开始日期 起始日期 开始时间 起租日期 生效日期 计费开始日期",
        "ends_on": "结束日期 截止日期 终止日期 到期日期 结束时间 计费结束日期",
        "note": "备注 说明 车牌号 车牌",
    },
    required=(("room",), ("item",), ("starts_on",)),
    key=frozenset({"item"}),
)


ChargeSheet = TableRead[ChargeRow]


def read_charges(data: bytes, *, file_name: str = "") -> ChargeSheet:
    """Every row of the charges' table; codes room_*, item_missing, quantity_*, amount_*, date_*,
    `charge_duplicate` (same room, item, first day and note: two plates are two charges).
    """
    first_rows: dict[object, int] = {}
    return read_table(data, file_name, SCHEMA, lambda line: _read(line, first_rows))


def _read(line: Line, first_rows: dict[object, int]) -> ChargeRow | None:
    room = line.room()
    item = line.take("item", _item)
    quantity = line.take("quantity", _quantity)
    amount = line.take("amount", lambda value: None if cells.is_absent(value) else cells.fen(value))
    starts_on = line.take("starts_on", _starts_on)
    ends_on = line.take("ends_on", lambda value: cells.day(value, "结束日期"))
    if starts_on and ends_on and ends_on < starts_on:
        line.refuse("ends_on", BadCell("date_invalid", "结束日期在开始日期之前"))
    if line.errors or room is None or item is None or starts_on is None:
        return None
    note = cells.as_typed(line["note"])
    first = first_rows.setdefault((room.code, item, starts_on, note), line.number)
    if first != line.number:
        line.refuse(
            "item", BadCell("charge_duplicate", f"同一房屋、项目和开始日期和第 {first} 行重复")
        )
        return None
    return ChargeRow(
        line.number, cells.text(line["community"]) or None, room.code, item,
        quantity, amount, starts_on, ends_on, note,
    )  # fmt: skip


def _item(value: Cell) -> str:
    if cells.is_absent(value):
        raise BadCell("item_missing", "费用项目没有填写")
    return cells.as_typed(value) or ""


def _quantity(value: Cell) -> Decimal | None:
    if cells.is_absent(value):
        return None
    found = cells.quantity(value, "quantity", "数量")
    if not found:
        raise BadCell("quantity_invalid", "数量应大于 0")
    return found


def _starts_on(value: Cell) -> dt.date:
    found = cells.day(value, "开始日期")
    if found is None:
        raise BadCell("date_missing", "开始日期没有填写")
    return found
