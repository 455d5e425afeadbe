"""Meter readings and room charges."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from domain.meters.model import MeterKind
from gateway.excel.charges import ChargeRow, read_charges
from gateway.excel.errors import ColumnsMissing
from gateway.excel.readings import ReadingRow, read_readings
from tests.gateway.excel.workbooks import table

READINGS = ["房号", "表具类型", "表号", "本期读数", "抄表日期", "是否估抄", "备注"]
CHARGES = ["房号", "费用项目", "数量", "金额", "开始日期", "结束日期", "备注"]
DAY = dt.date(2026, 10, 31)


def test_a_reading() -> None:
    rows = [
        ["5-1-101", "水表", "", "1,234.5", DAY, "是", "表盘模糊"],
        ["5-1-101", "", "E-7", 88, "2026/10/31", "", ""],
    ]

    sheet = read_readings(table([READINGS, *rows]))

    assert sheet.rows == [
        ReadingRow(
            2,
            None,
            "5-1-101",
            MeterKind.WATER,
            None,
            Decimal("1234.5"),
            DAY,
            estimated=True,
            note="表盘模糊",
        ),
        ReadingRow(3, None, "5-1-101", None, "E-7", Decimal(88), DAY, estimated=False, note=None),
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"房号": ""}, "room_missing"),
        ({"表具类型": "风速表"}, "meter_unknown"),
        ({"表具类型": ""}, "meter_missing"),
        ({"本期读数": ""}, "reading_missing"),
        ({"本期读数": -1}, "reading_invalid"),
        ({"本期读数": "看不清"}, "reading_invalid"),
        ({"本期读数": "1.23456"}, "reading_invalid"),
        ({"抄表日期": ""}, "date_missing"),
        ({"抄表日期": "上月底"}, "date_invalid"),
        ({"是否估抄": "也许"}, "estimated_invalid"),
    ],
)
def test_readings_that_are_refused(changed: dict[str, Any], code: str) -> None:
    row = dict(zip(READINGS, ["5-1-101", "电表", "", 10, DAY, "", ""], strict=True)) | changed

    sheet = read_readings(table([READINGS, list(row.values())]))

    assert [error.code for error in sheet.refused] == [code]


def test_the_same_dial_twice_on_a_day() -> None:
    row = ["5-1-101", "电表", "", 10, DAY]

    sheet = read_readings(table([READINGS, row, row, [*row[:3], 11, dt.date(2026, 11, 30)]]))

    assert [(e.row, e.code) for e in sheet.refused] == [(3, "reading_duplicate")]
    assert len(sheet.rows) == 2


def test_readings_need_a_kind_or_a_serial() -> None:
    with pytest.raises(ColumnsMissing, match="表具类型或表号"):
        read_readings(table([["房号", "本期读数", "抄表日期"], ["5-1-101", 1, DAY]]))


def test_a_charge() -> None:
    rows = [
        ["5-1-101", "车位费", 2, "", "2026-11-01", "2027-10-31", "沪A12345"],
        ["商业街-S19", "垃圾清运费", "", "¥120.50", DAY, "", ""],
    ]

    sheet = read_charges(table([CHARGES, *rows]))

    first = dt.date(2026, 11, 1)
    assert sheet.rows == [
        ChargeRow(
            2, None, "5-1-101", "车位费", Decimal(2), None, first, dt.date(2027, 10, 31), "沪A12345"
        ),
        ChargeRow(3, None, "商业街-S19", "垃圾清运费", None, 12050, DAY, None, None),
    ]
    assert [row.to_on for row in sheet.rows] == [dt.date(2027, 11, 1), None]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"房号": "那套"}, "room_invalid"),
        ({"费用项目": ""}, "item_missing"),
        ({"数量": 0}, "quantity_invalid"),
        ({"数量": "两个"}, "quantity_invalid"),
        ({"金额": "1.234"}, "amount_invalid"),
        ({"开始日期": ""}, "date_missing"),
        ({"结束日期": "2026-10-30"}, "date_invalid"),
    ],
)
def test_charges_that_are_refused(changed: dict[str, Any], code: str) -> None:
    row = dict(zip(CHARGES, ["5-1-101", "车位费", 1, "", DAY, "", ""], strict=True)) | changed

    sheet = read_charges(table([CHARGES, list(row.values())]))

    assert [error.code for error in sheet.refused] == [code]


def test_the_same_charge_twice() -> None:
    row = ["5-1-101", "车位费", 1, "", DAY]

    assert [e.code for e in read_charges(table([CHARGES, row, row])).refused] == [
        "charge_duplicate"
    ]
