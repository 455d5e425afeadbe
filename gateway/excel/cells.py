"""Typed values from single cells, as people type them. Every refusal is a `BadCell`."""

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from gateway.excel.errors import BadCell
from gateway.excel.workbook import Cell

PLACEHOLDERS = frozenset({"", "-", "--", "—", "/", "\\", "无", "暂无", "没有", "空", "n/a", "N/A"})
LIST = re.compile(r"[/、,;|\n]+")

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_AREA_UNIT = re.compile(r"(?:平方米|平方|平米|平|㎡|m2|M2|m)$")
_YUAN = re.compile(r"^[¥￥]|(?:元|RMB|CNY)$")
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?"
    r"(?:[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.ASCII,
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_EPOCH = dt.date(1899, 12, 30)
_FIRST, _LAST = dt.date(1950, 1, 1), dt.date(2100, 12, 31)

MAX_DIGITS = 25  # so that every number can be rounded within the precision of Decimal
MAX_AREA = Decimal(100_000)
MAX_QUANTITY = Decimal(10) ** 12
MAX_YUAN = Decimal(100_000_000)


def text(value: Cell) -> str:
    """What a person reads in the cell: full-width forms narrowed, invisible marks gone, stripped."""
    if isinstance(value, str):
        return value.strip() if value.isascii() else _plain(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


@lru_cache(maxsize=4096)
def _plain(written: str) -> str:
    """Cached, because columns repeat their words and one cell is looked at several times."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", written)).strip()


def as_typed(value: Cell) -> str | None:
    """Free text for people: full-width forms stay; None where blank."""
    return (value.strip() if isinstance(value, str) else text(value)) or None


def squeezed(value: Cell) -> str:
    """`text` without any blank in it."""
    return "".join(text(value).split())


def is_blank(value: Cell) -> bool:
    """Nothing to read in the cell."""
    return isinstance(value, str) and not value.strip()


def is_absent(value: Cell) -> bool:
    """Blank, or one of the marks people write for "none"."""
    if not isinstance(value, str):
        return False
    short = value.strip()
    return not short or (len(short) < 4 and text(short) in PLACEHOLDERS)


def unquoted(written: str) -> str:
    """Without the apostrophe people type to keep Excel from touching a number."""
    return written.strip().lstrip("'‘’`´").strip()


def decimal(value: Cell) -> Decimal | None:
    """An exact number as typed, with or without thousands separators; None if it is not one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    written = unquoted(squeezed(value))
    if isinstance(value, float):
        return Decimal(repr(value)) if abs(value) < 1e15 else None  # also drops NaN and infinity
    if len(written) > MAX_DIGITS or not _NUMBER.fullmatch(written):
        return None
    return Decimal(written.replace(",", ""))


def area(value: Cell, field: str = "面积") -> Decimal:
    """Square metres, two places, half up; `98.5㎡`, `1,020.5`, `98.5平方米`."""
    if is_absent(value):
        raise BadCell("area_missing", f"{field}没有填写（公式没有计算结果也按没有填写处理）")
    if isinstance(value, str):
        value = _AREA_UNIT.sub("", squeezed(value))
    number = decimal(value)
    if number is None:
        raise BadCell("area_invalid", f"{field}应填写数字，例如 98.5")
    rounded = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if not 0 < rounded < MAX_AREA:
        raise BadCell("area_invalid", f"{field}应大于 0、小于 {MAX_AREA:,} 平方米")
    return rounded


def quantity(value: Cell, code: str, field: str) -> Decimal:
    """A number that is not negative, at most four places; `code` is refused as `<code>_invalid`."""
    if is_absent(value):
        raise BadCell(f"{code}_missing", f"{field}没有填写（公式没有计算结果也按没有填写处理）")
    number = decimal(value)
    if number is None or number >= MAX_QUANTITY:
        raise BadCell(f"{code}_invalid", f"{field}应填写数字，例如 1234.5")
    if number < 0:
        raise BadCell(f"{code}_invalid", f"{field}不能小于 0")
    rounded = number.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    if isinstance(value, str) and rounded != number:
        raise BadCell(f"{code}_invalid", f"{field}最多四位小数")
    return rounded


def fen(value: Cell, field: str = "金额") -> int:
    """Yuan as typed (`¥1,234.50`, `1234.5元`) to fen; more than two places is refused."""
    if is_absent(value):
        raise BadCell("amount_missing", f"{field}没有填写（公式没有计算结果也按没有填写处理）")
    if isinstance(value, str):
        value = _YUAN.sub("", _YUAN.sub("", squeezed(value)))
    number = decimal(value)
    if number is None:
        raise BadCell("amount_invalid", f"{field}应填写数字，例如 1,234.50")
    if not 0 < number < MAX_YUAN:
        raise BadCell("amount_invalid", f"{field}应大于 0、小于 {MAX_YUAN:,} 元")
    cents = number * 100
    whole = cents.quantize(Decimal(1), ROUND_HALF_UP)
    if abs(cents - whole) > Decimal("1e-6"):  # a formula's binary residue is no third decimal
        raise BadCell("amount_invalid", f"{field}最多两位小数")
    return int(whole)


def day(value: Cell, field: str = "日期") -> dt.date | None:
    """A calendar day from a date cell, a serial number or text; None where blank."""
    if is_absent(value):
        return None
    found = _day(value)
    if found is None or not _FIRST <= found <= _LAST:
        raise BadCell("date_invalid", f"{field}不是正确的日期，请写成 2020-05-01 的样子")
    return found


def _day(value: Cell) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, bool | dt.time | dt.timedelta):
        return None
    written = unquoted(text(value))
    if found := _DATE.fullmatch(written) or _COMPACT_DATE.fullmatch(written):
        return calendar_day(*map(int, found.groups()))
    return _EPOCH + dt.timedelta(int(float(written))) if _SERIAL.fullmatch(written) else None


def calendar_day(year: int, month: int, of_month: int) -> dt.date | None:
    """The day, or None where the calendar has no such day."""
    try:
        return dt.date(year, month, of_month)
    except ValueError:
        return None
