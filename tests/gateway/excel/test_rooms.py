"""Room numbers written every way."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rooms.model import RoomKind
from gateway.excel.errors import BadCell
from gateway.excel.rooms import kind_of, plain_number, room_from_code, room_from_columns


@pytest.mark.parametrize(
    ("written", "code", "name"),
    [
        ("5-1-101", "5-1-101", "5栋"),
        ("5栋1单元102室", "5-1-102", "5栋"),
        ("５－１－１０３", "5-1-103", "5栋"),
        ("5#1单元104", "5-1-104", "5栋"),
        ("5号楼1单元0105", "5-1-0105", "5号楼"),
        ("5幢1单元106号", "5-1-106", "5幢"),
        ("五栋二单元107", "5-2-107", "5栋"),
        ("十二栋1单元021", "12-1-021", "12栋"),
        ("5-2-021", "5-2-021", "5栋"),
        ("05-01-101", "5-1-101", "5栋"),
        ("5栋-1单元-102室", "5-1-102", "5栋"),
        ("5—1—101", "5-1-101", "5栋"),
        ("5/1/101", "5-1-101", "5栋"),
        (" 5 栋 1 单元 102 ", "5-1-102", "5栋"),
        ("A座1201", "A-1201", "A座"),
        ("a-1201", "A-1201", "A栋"),
        ("5栋102", "5-102", "5栋"),
        ("商业街-S19", "商业街-S19", "商业街"),
        ("综合楼-301", "综合楼-301", "综合楼"),
        ("地库-B1-023", "地库-B1-023", "地库"),
        ("一期5栋1单元101", "一期5-1-101", "一期5栋"),
        ("5栋东单元101", "5-东-101", "5栋"),
        ("5号101室", "5-101", "5号"),
    ],
)
def test_in_one_cell(written: str, code: str, name: str) -> None:
    room = room_from_code(written)

    assert (room.code, room.building_name) == (code, name)


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (("1栋", "1单元", "101"), "1-1-101"),
        (("1#", 1.0, 101.0), "1-1-101"),
        ((1, 2, 301), "1-2-301"),
        (("商业街", "", "S19"), "商业街-S19"),
        (("1号楼", "无", "101室"), "1-101"),
        (("一栋", "一单元", "021"), "1-1-021"),
        (("１栋", "１单元", "１０１"), "1-1-101"),
        (("1栋", "", "2-101"), "1-2-101"),
        (("1栋", "1单元", "1-101"), "1-1-101"),
        (("1栋", "1单元", "1-1-101"), "1-1-101"),
        (("", "", "1-1-101"), "1-1-101"),
        (("地下车库", "", "B1-023"), "地下车库-B1-023"),
        (("5", "2", "101a"), "5-2-101A"),
    ],
)
def test_in_three_columns(columns: tuple[Any, Any, Any], code: str) -> None:
    assert room_from_columns(*columns).code == code


@pytest.mark.parametrize(
    "written",
    ["翠湖五栋那套", "101", "5-1-", "-1-101", "5-1-2-101", "业主自己家", "5-1-一零一", "5栋", 101.0,
     dt.date(2005, 1, 10), "=A1", "5-1-101;DROP", "1" * 300],
)  # fmt: skip
def test_in_one_cell_but_unclear(written: Any) -> None:
    with pytest.raises(BadCell) as refused:
        room_from_code(written)

    assert refused.value.code == "room_invalid"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (("1栋", "1单元", ""), "room_missing"),
        (("", "1单元", "101"), "room_missing"),
        (("1栋", "1单元", "2-1-101"), "room_invalid"),
        (("1栋", "1单元", "2-101"), "room_invalid"),
        (("1栋", "1单元", "那套"), "room_invalid"),
        (("1栋", dt.date(2020, 1, 1), "101"), "room_invalid"),
    ],
)
def test_in_three_columns_but_unclear(columns: tuple[Any, Any, Any], code: str) -> None:
    with pytest.raises(BadCell) as refused:
        room_from_columns(*columns)

    assert refused.value.code == code


def test_excel_has_made_a_date_of_it() -> None:
    with pytest.raises(BadCell, match="日期"):
        room_from_code(dt.datetime.fromisoformat("2005-01-10"))


@given(st.integers(1, 99), st.integers(1, 9), st.from_regex(r"[0-9]{2,4}", fullmatch=True))
def test_every_way_leads_to_the_same_code(building: int, entrance: int, door: str) -> None:
    code = f"{building}-{entrance}-{door}"
    ways = [
        code,
        f"{building}栋{entrance}单元{door}室",
        f"{building}#{entrance}单元{door}",
        f"{building}号楼-{entrance}-{door}",
    ]

    assert {room_from_code(way).code for way in ways} == {code}
    assert room_from_columns(f"{building}栋", f"{entrance}单元", door).code == code


@pytest.mark.parametrize(
    ("written", "number"),
    [("十", "10"), ("十二", "12"), ("二十", "20"), ("二十一", "21"), ("五", "5"), ("一零三", "103"), ("05", "5"),
     ("S1", "S1"), ("东", "东"), ("十十", "十十"), ("", "")],
)  # fmt: skip
def test_numbers_in_words(written: str, number: str) -> None:
    assert plain_number(written) == number


@pytest.mark.parametrize(
    ("written", "kind"),
    [("住宅", RoomKind.RESIDENTIAL), ("商铺", RoomKind.SHOP), ("商业", RoomKind.SHOP), ("写字楼", RoomKind.OFFICE),
     ("办公", RoomKind.OFFICE), ("车位", RoomKind.PARKING), ("储藏室", RoomKind.STORAGE), (" 储物间 ", RoomKind.STORAGE)],
)  # fmt: skip
def test_kinds(written: str, kind: RoomKind) -> None:
    assert kind_of(written) is kind


@pytest.mark.parametrize("written", ["城堡", "", 3.0])
def test_kinds_nobody_knows(written: Any) -> None:
    with pytest.raises(BadCell, match="住宅、商铺") as refused:
        kind_of(written)

    assert refused.value.code == "kind_unknown"
