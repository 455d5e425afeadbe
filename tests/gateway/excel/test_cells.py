"""Numbers, amounts and dates as people type them."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.excel import cells
from gateway.excel.errors import BadCell
from tests.gateway.excel.workbooks import outcome

FULL_WIDTH = str.maketrans("0123456789.-/,", "０１２３４５６７８９．－／，")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (98.5, "98.50"),
        ("98.5", "98.50"),
        ("98.50㎡", "98.50"),
        ("98.5m²", "98.50"),
        ("98.5平方米", "98.50"),
        (" 98.5 平 ", "98.50"),
        ("1,020.5", "1020.50"),
        ("１，０２０．５", "1020.50"),
        (98.504, "98.50"),
        (98.505, "98.51"),
        ("98.505", "98.51"),
        (120.0, "120.00"),
        (120, "120.00"),
        ("'88", "88.00"),
    ],
)
def test_areas(written: Any, expected: str) -> None:
    assert cells.area(written) == Decimal(expected)
    assert str(cells.area(written)) == expected


@pytest.mark.parametrize(
    "written",
    [-3, "-3", 0, "0", 0.004, "约九十平", "98..5", "9,8", "1,02", 100_000, 1e300, float("nan"), True,
     dt.date(2020, 1, 1), "#REF!", "98.5+2", "٩٨", "9" * 26, "9" * 400, "0." + "1" * 400],
)  # fmt: skip
def test_areas_that_are_none(written: Any) -> None:
    with pytest.raises(BadCell) as refused:
        cells.area(written)

    assert refused.value.code == "area_invalid"


@pytest.mark.parametrize("written", ["", "  ", "\u3000", "-", "—", "无", "暂无", "\u200b"])
def test_areas_left_out(written: str) -> None:
    with pytest.raises(BadCell) as refused:
        cells.area(written)

    assert refused.value.code == "area_missing"


@given(st.decimals("0.01", "99999.99", places=3))
def test_an_area_is_read_the_same_however_it_is_typed(area: Decimal) -> None:
    rounded = area.quantize(Decimal("0.01"), ROUND_HALF_UP)

    assert cells.area(str(area)) == rounded
    assert cells.area(f"{area:,}㎡") == rounded
    assert cells.area(str(area).translate(FULL_WIDTH)) == rounded
    assert cells.area(float(area)) == rounded


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("¥1,234.50", 123450),
        ("1234.5元", 123450),
        ("￥８８", 8800),
        (0.1 + 0.2, 30),
        (12.34, 1234),
        (5, 500),
    ],
)
def test_amounts(written: Any, expected: int) -> None:
    assert cells.fen(written) == expected


@pytest.mark.parametrize("written", ["0", -1, "1.234", 1.005, "一百", 1e9, "$5"])
def test_amounts_that_are_none(written: Any) -> None:
    with pytest.raises(BadCell) as refused:
        cells.fen(written)

    assert refused.value.code == "amount_invalid"


@given(st.integers(1, 9_999_999_999))
def test_an_amount_never_gains_or_loses_a_fen(fen: int) -> None:
    yuan = Decimal(fen) / 100

    assert cells.fen(f"¥{yuan:,.2f}") == fen
    assert cells.fen(float(yuan)) == fen


@pytest.mark.parametrize(
    "written",
    [dt.datetime.fromisoformat("2020-05-01T08:30"), dt.date(2020, 5, 1), "2020-05-01", "2020/5/1", "2020.5.1", "20200501",
     "2020年5月1日", "2020年5月1号", "2020年05月01", "２０２０－０５－０１", "2020-05-01 00:00:00", "2020-05-01T08:30",
     "43952", 43952, 43952.0, 43952.75, 20200501.0, " 2020 年 5 月 1 日 ", "'2020-05-01"],
)  # fmt: skip
def test_days(written: Any) -> None:
    assert cells.day(written) == dt.date(2020, 5, 1)


@pytest.mark.parametrize(
    "written",
    ["2020-13-45", "2021-02-29", "5/1/2020", "20/5/1", "2020年5月", "去年", "20201301", 3, 99999.0,
     "1899-01-01", "2020-05-01 起", dt.time(8, 0), dt.timedelta(days=3), True],
)  # fmt: skip
def test_days_that_are_none(written: Any) -> None:
    with pytest.raises(BadCell) as refused:
        cells.day(written, "交付日期")

    assert refused.value.code == "date_invalid"
    assert "交付日期" in refused.value.message


def test_a_day_left_out() -> None:
    assert cells.day("") is None
    assert cells.day("无") is None


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31)))
def test_a_day_is_read_the_same_however_it_is_typed(day: dt.date) -> None:
    y, m, d = day.year, day.month, day.day
    serial = (day - dt.date(1899, 12, 30)).days
    forms = [
        f"{y}-{m}-{d}",
        f"{y}/{m:02}/{d:02}",
        f"{y}年{m}月{d}日",
        f"{y}{m:02}{d:02}",
        str(serial),
        float(serial),
    ]

    assert {cells.day(form) for form in forms} == {day}


ANYTHING = st.text() | st.floats() | st.booleans() | st.datetimes() | st.timedeltas() | st.times()


@given(ANYTHING | st.integers(0, 10**500).map(str))
def test_anything_else_is_refused_and_nothing_worse(value: Any) -> None:
    assert outcome(cells.area, value) in {"taken", "area_missing", "area_invalid"}
    assert outcome(cells.day, value) in {"taken", "date_invalid"}
    assert outcome(cells.fen, value) in {"taken", "amount_missing", "amount_invalid"}
