"""The owners workbook: one row per room, with its owners and their families."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from domain.imports.rows import Ahead, OwnerCell, OwnerRow
from domain.rooms.model import RoomKind
from gateway.excel import cells, people
from gateway.excel.cells import squeezed
from gateway.excel.errors import BadCell
from gateway.excel.header import PLACE, Schema
from gateway.excel.identity import id_numbers, phones
from gateway.excel.line import Line
from gateway.excel.rooms import RoomCode, kind_of
from gateway.excel.table import Table, TableRead, open_table
from gateway.excel.workbook import Cell

Value = TypeVar("Value")

SCHEMA = Schema(
    title="业主信息",
    words=PLACE
    | {
        "kind": "房屋类型 房产类型 房间类型 物业类型 房屋性质 房屋用途 业态 类型 用途 性质",
        "area": "建筑面积 产权面积 房屋面积 计费面积 收费面积 建面 面积",
        "indoor_area": "套内面积 套内建筑面积 室内面积 使用面积",
        "owner": "业主姓名 业主名称 业主 户主姓名 户主 产权人 房主 房主姓名 姓名 客户姓名 客户名称",
        "phone": "联系电话 业主电话 手机号码 手机号 手机 业主手机 移动电话 联系方式 电话号码 电话",
        "id_number": "身份证号码 身份证号 身份证 证件号码 证件号",
        "share": "产权份额 产权比例 份额 所占份额 占比",
        "family": "家庭成员 家属 家属姓名 同住人 共同居住人",
        "handover_on": "交付日期 交房日期 交付时间 交房时间 收房日期 接房日期 入伙日期",
        "note": "备注 说明",
    },
    required=(("room",), ("area",), ("owner",), ("phone",)),
    key=frozenset({"owner", "phone", "area"}),
)


_NEXT_ONE = re.compile(r"[/、,;|\n，；／｜]+")  # what may part people in a cell nobody has cleaned

OwnerSheet = TableRead[OwnerRow]


def read_owners(data: bytes, *, file_name: str = "") -> OwnerSheet:
    """Every row of the owners' table, accepted or refused with all its errors.

    Raises a `WorkbookRefused` where the file as a whole cannot be read. `file_name` is kept for
    people; what the file is, its content alone decides.
    """
    table = open_owners(data, file_name=file_name)
    table.read.rows.extend(table)
    return table.read


def open_owners(data: bytes, *, file_name: str = "") -> Table[OwnerRow]:
    """The same table before its rows are read."""
    first_rows: dict[str, int] = {}
    return open_table(data, file_name, SCHEMA, lambda line: _read(line, first_rows))


def ahead(table: Table[OwnerRow]) -> Ahead | None:
    """What the rows to come will say; None where they bear the names of several communities."""
    community, *people = map(table.read.columns.get, ("community", "owner", "family"))
    named: set[str] = set()
    many = 0
    for number, values in table.values():
        name = squeezed(values[community]) if community is not None else ""
        if name and name not in named and not table.is_aside(table.line(number, values)):
            named.add(name)
        many += sum([_people(values[index]) for index in people if index is not None])
        if len(named) > 1:
            return None
    return Ahead(next(iter(named), None), many)


def _people(value: Cell) -> int:
    return len(_NEXT_ONE.split(value)) if isinstance(value, str) and value else 0


def _read(line: Line, first_rows: dict[str, int]) -> OwnerRow | None:
    room = line.room()
    if room:
        _note_duplicate(line, room, first_rows)
    kind = line.take("kind", kind_of) if "kind" in line.columns else RoomKind.RESIDENTIAL
    built = line.take("area", cells.area)
    indoor = line.take("indoor_area", _indoor_area)
    owners, notes = _owners(line)
    family = line.take("family", people.family)
    handover_on = line.take("handover_on", lambda value: cells.day(value, "交付日期"))
    if line.errors or room is None or kind is None or built is None:
        return None
    return OwnerRow(
        line.number, cells.text(line["community"]) or None,
        room.building_code, room.building_name, room.entrance, room.door, room.code,
        kind, built, owners, family or (), handover_on, indoor, notes,
    )  # fmt: skip


def _note_duplicate(line: Line, room: RoomCode, first_rows: dict[str, int]) -> None:
    first = first_rows.setdefault(room.code, line.number)
    if first != line.number:
        line.refuse("room", BadCell("room_duplicate", f"房号和第 {first} 行重复"))


def _indoor_area(value: Cell) -> Decimal | None:
    return None if cells.is_absent(value) else cells.area(value, "套内面积")


def _owners(line: Line) -> tuple[tuple[OwnerCell, ...], tuple[str, ...]]:
    """Names, phones, ID numbers and shares of one row, paired in the order they are written."""
    names = line.take("owner", people.owner_names)
    numbers = line.take("phone", phones)
    ids = line.take("id_number", id_numbers) if line["id_number"] != "" else ()
    parts = line.take("share", people.shares)
    if names is None or numbers is None or ids is None or parts is None:
        return (), ()
    parts = parts or tuple(part for _, part in names if part is not None)
    _check_counts(line, len(names), numbers, ids, parts)
    if line.errors:
        return (), ()
    notes = ("只保存了第一个电话",) if len(numbers) > len(names) else ()
    return tuple(
        OwnerCell(name, _at(numbers, i), _at(ids, i), _at(parts, i))
        for i, (name, _) in enumerate(names)
    ), notes


def _at(values: Sequence[Value], index: int) -> Value | None:
    return values[index] if index < len(values) else None


def _check_counts(
    line: Line,
    owners: int,
    numbers: Sequence[str],
    ids: Sequence[str | None],
    parts: Sequence[Decimal],
) -> None:
    """Refuse what cannot be paired: an ID number must never land on the wrong person."""
    said = f"业主有 {owners} 位"
    if owners > 1 and len(numbers) > owners:
        line.refuse("phone", BadCell("phone_invalid", f"电话有 {len(numbers)} 个，{said}，对不上"))
    if ids and len(ids) != owners:
        line.refuse(
            "id_number",
            BadCell("id_number_invalid", f"身份证号有 {len(ids)} 个，{said}，没有的请写“无”"),
        )
    known = [number for number in ids if number]
    if len(set(known)) != len(known):
        line.refuse("id_number", BadCell("id_number_invalid", "两位业主的身份证号相同，请核对"))
    if parts and (len(parts) != owners or sum(parts) > Decimal("1.00001")):
        line.refuse(
            "share", BadCell("share_invalid", f"产权份额应每位业主一个，合计不超过 100%，{said}")
        )
