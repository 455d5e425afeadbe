"""Workbooks to download and fill in: the headings we know, examples to write over, explanations."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gateway.excel.identity import check_character
from gateway.excel.rooms import KIND_WORDS

_ROWS = 2_000  # rows prepared with formats and choices
_HEADING = PatternFill("solid", fgColor="FFEEF2F7")
_REQUIRED = Font(bold=True, color="FFC00000")
_OPTIONAL = Font(bold=True)
_EXAMPLE_ID = "11020019800101001"


@dataclass(frozen=True)
class _Field:
    """A heading, whether every row needs it, what to write, and examples."""

    heading: str
    required: bool
    help: str
    examples: Sequence[Any]
    choices: str = ""
    width: int = 14


_PLACE = (
    _Field("楼栋", True, "例如 1栋；商业街、地下车库等直接写名称", ["1栋", "1栋", "商业街"]),
    _Field("单元", False, "例如 1单元；没有单元的留空", ["1单元", "1单元", None]),
    _Field("房号", True, "例如 101；开头的 0 会保留", ["101", "102", "S01"]),
)
_OWNERS = (
    *_PLACE,
    _Field("房屋类型", True, f"可填：{KIND_WORDS}", ["住宅", "住宅", "商铺"], KIND_WORDS),
    _Field("建筑面积(㎡)", True, "数字，两位小数", [89.56, 117.3, 183.98]),
    _Field("业主姓名", True, "几位业主用顿号分开", ["丁一一", "杜安、冯怡", "程三三"], width=18),
    _Field(
        "联系电话", True, "手机号，或带区号的固定电话；几位业主按姓名的顺序用顿号分开",
        ["17400000101", "17400000102、17400000103", "17400000104"], width=26,
    ),
    _Field(
        "身份证号码", False, "可以不填；按姓名的顺序，没有的写“无”；必须是文本格式",
        [_EXAMPLE_ID + check_character(_EXAMPLE_ID), None, None], width=24,
    ),
    _Field("产权份额", False, "几位业主各占多少，例如 50%、50%", [None, "50%、50%", None]),
    _Field("家庭成员", False, "姓名和关系，例如 朱梅(配偶)、唐诗(子女)",
           ["朱梅(配偶)、唐诗(子女)", None, None], width=26),
    _Field("交付日期", False, "例如 2021-06-30",
           [dt.date(2021, 6, 30), dt.date(2021, 6, 30), dt.date(2021, 9, 1)]),
    _Field("备注", False, "不会导入", ["示例，填写时请删除", "示例，填写时请删除", "示例，填写时请删除"],
           width=20),
)  # fmt: skip
_READINGS = (
    *_PLACE,
    _Field("表具类型", True, "可填：水表、电表、燃气表、热量表；填了表号可以不填",
           ["水表", "电表", "水表"], "水表、电表、燃气表、热量表"),
    _Field("表号", False, "一户有几块同类的表时必须填", [None, None, "W-0001"]),
    _Field("本期读数", True, "表盘上的数，不是用量", [1234.5, 5678, 90]),
    _Field("抄表日期", True, "例如 2026-10-31", [dt.date(2026, 10, 31)] * 3),
    _Field("是否估抄", False, "没有见到表盘、按估计填写的，填“是”", [None, None, "是"], "是、否"),
    _Field("备注", False, "", ["示例，填写时请删除"] * 3, width=20),
)  # fmt: skip
_CHARGES = (
    *_PLACE,
    _Field("费用项目", True, "和系统里的费用项目名称一致，例如 车位费", ["车位费", "车位费", "垃圾清运费"]),
    _Field("数量", False, "按单价计费的填数量，例如车位个数", [1, 2, None]),
    _Field("金额", False, "有固定金额的填金额（元）；不填按收费标准", [None, None, 120.5]),
    _Field("开始日期", True, "从哪一天起收", [dt.date(2026, 11, 1)] * 3),
    _Field("结束日期", False, "收到哪一天（含当天）；一直收的留空", [None, dt.date(2027, 10, 31), None]),
    _Field("备注", False, "例如车牌号", ["示例，填写时请删除"] * 3, width=20),
)  # fmt: skip


def owner_template() -> bytes:
    """The workbook for owners, with examples that the import accepts."""
    return _workbook("业主信息", _OWNERS)


def reading_template() -> bytes:
    """The workbook for meter readings."""
    return _workbook("抄表读数", _READINGS)


def charge_template() -> bytes:
    """The workbook for room charges."""
    return _workbook("房屋收费", _CHARGES)


def _workbook(title: str, fields: Sequence[_Field]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, field in enumerate(fields, 1):
        _fill_column(sheet, number, field)
    _explain(book.create_sheet("填写说明"), fields)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_column(sheet: Worksheet, number: int, field: _Field) -> None:
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].width = field.width
    _heading(sheet, number, field.heading, required=field.required)
    is_text = all(example is None or isinstance(example, str) for example in field.examples)
    if is_text:  # so that Excel touches neither 021 nor an ID number
        for row in range(2, _ROWS + 2):
            sheet.cell(row, number).number_format = "@"
    for row, example in enumerate(field.examples, 2):
        cell = sheet.cell(row, number, example)
        if isinstance(example, dt.date):
            cell.number_format = "yyyy-mm-dd"
    if field.choices:
        words = field.choices.replace("、", ",")
        choice = DataValidation("list", formula1=f'"{words}"', allow_blank=True)
        choice.add(f"{letter}2:{letter}{_ROWS + 1}")
        sheet.add_data_validation(choice)


def _heading(sheet: Worksheet, number: int, heading: str, *, required: bool) -> None:
    cell = sheet.cell(1, number, heading)
    cell.fill = _HEADING
    cell.font = _REQUIRED if required else _OPTIONAL
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def _explain(sheet: Worksheet, fields: Sequence[_Field]) -> None:
    sheet.append(["这一列", "要不要填", "怎么填"])
    for field in fields:
        sheet.append([field.heading, "必填" if field.required else "选填", field.help])
    sheet.append([])
    sheet.append(
        ["前几行是示例，填写时请删除。列的顺序可以变，表头文字请保留。合计行和空行会自动跳过。"]
    )
    for letter, width in (("A", 16), ("B", 10), ("C", 60)):
        sheet.column_dimensions[letter].width = width
