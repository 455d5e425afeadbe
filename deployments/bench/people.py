"""A workbook of owners who do not exist, as long as a benchmark wants it."""

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from gateway.excel.export import ExportColumn, write_table
from gateway.excel.identity import check_character

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉萍鑫怡诗文"
COLUMNS = [
    ExportColumn("小区"), ExportColumn("楼栋"), ExportColumn("单元"), ExportColumn("房号"),
    ExportColumn("房屋类型"), ExportColumn("建筑面积", "number"), ExportColumn("业主姓名"),
    ExportColumn("联系电话"), ExportColumn("身份证号码"), ExportColumn("家庭成员"),
    ExportColumn("交付日期", "date"),
]  # fmt: skip
ROOMS_PER_ENTRANCE, ENTRANCES = 60, 4
COMMUNITY = "测量小区"


def write_owners(path: Path, count: int) -> None:
    """`count` rooms, each with an owner; two in three with an ID number, one in four with family."""
    write_table(path, "业主信息", COLUMNS, itertools.islice(_rows(), count))


def _rows() -> Iterator[tuple[object, ...]]:
    for number in itertools.count():
        entrance, room = divmod(number, ROOMS_PER_ENTRANCE)
        building, stairs = divmod(entrance, ENTRANCES)
        floor, side = divmod(room, 4)
        yield (
            COMMUNITY, f"{building + 1}栋", f"{stairs + 1}单元", f"{floor + 1}0{side + 1}",
            "住宅", Decimal(7_000 + number * 37 % 7_000).scaleb(-2), _name(number),
            f"174{number:08d}", _id_number(number) if number % 3 else None,
            f"{_name(number * 7 + 3)}(配偶)" if number % 4 == 0 else None,
            dt.date(2021, 6, 30),
        )  # fmt: skip


def _name(number: int) -> str:
    rest, surname = divmod(number, len(SURNAMES))
    rest, first = divmod(rest, len(GIVEN))
    return SURNAMES[surname] + GIVEN[first] + GIVEN[rest % len(GIVEN)]


def _id_number(number: int) -> str:
    day = dt.date(1950, 1, 1) + dt.timedelta(number % 18_000)
    body = f"110200{day:%Y%m%d}{number // 18_000 % 1_000:03d}"
    return body + check_character(body)
