"""Room numbers the ways people write them: `5-1-101`, `5栋1单元102室`, `5#1单元104`, three columns."""

import re
from dataclasses import dataclass
from functools import lru_cache

from domain.rooms.model import RoomKind
from gateway.excel.cells import PLACEHOLDERS, is_absent, squeezed, unquoted
from gateway.excel.errors import BadCell
from gateway.excel.workbook import Cell

_COUNT = "0-9A-Z〇零一二三四五六七八九十"
_DASH = re.compile("[‐‑‒–—―−ー_/\\\\~]")
_BUILDING_WORD = re.compile(rf"(?<=[{_COUNT}])(#楼|#|号楼|栋|幢|座|楼|号(?=-?[A-Z0-9]))-?")
_BUILDING_END = re.compile(rf"(?<=[{_COUNT}])(#楼|#|号楼|号院|栋|幢|座|楼|号)$")
_ENTRANCE_WORD = re.compile(rf"(?<=[{_COUNT}东西南北中甲乙丙丁])(单元|门栋|门洞|门|梯)-?")
_DOOR_WORD = re.compile(r"(?:号房|号室|房间|室|房|号|户)$")
_BUILDING = re.compile(r"[0-9A-Z.\u3007\u3400-\u9fff]{1,20}")
_ENTRANCE = re.compile(r"[0-9A-Z东西南北中甲乙丙丁]{1,6}")
_DOOR = re.compile(
    r"(?:商铺|门面|店铺|铺|车位|车库|储藏室|储物间|地下室|地下|地上|负)?"
    r"(?:[A-Z]{0,4}\d{1,6}[A-Z]{0,2}|[A-Z]{1,4}\d{0,3}-\d{1,5})",
    re.ASCII,
)
_PLAIN_DOOR = re.compile(r"[A-Z]?\d{1,6}", re.ASCII)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0}
_HOW = "房号应写成 5-1-101 或 5栋1单元101室 的样子"

_KINDS = {
    RoomKind.RESIDENTIAL: "住宅 普通住宅 居住 民宅 公寓 别墅 洋房 高层 多层 高层住宅 多层住宅 商品房",
    RoomKind.SHOP: "商铺 商业 店铺 门面 底商 商用 门市 商业用房 临街商铺 铺面 商业网点",
    RoomKind.OFFICE: "办公 写字楼 办公室 办公楼 办公用房 商务办公",
    RoomKind.PARKING: "车位 停车位 地下车位 地面车位 车库 产权车位 人防车位 机动车位",
    RoomKind.STORAGE: "储藏室 储物间 储藏间 储物室 地下室 杂物间 库房 仓库 仓储",
}
KINDS = {word: kind for kind, words in _KINDS.items() for word in words.split()}
KINDS |= {kind.value: kind for kind in RoomKind}


@dataclass(frozen=True, slots=True)
class RoomCode:
    """Where a room is. `code` is building-entrance-door, or building-door without an entrance."""

    building_code: str
    building_name: str
    entrance: str | None
    door: str

    @property
    def code(self) -> str:
        """`5-1-101`; leading zeros of the door are kept."""
        middle = f"-{self.entrance}" if self.entrance else ""
        return f"{self.building_code}{middle}-{self.door}"


def room_from_code(value: Cell) -> RoomCode:
    """One cell that says it all."""
    if is_absent(value):
        raise BadCell("room_missing", "房号没有填写")
    written = _written(value)
    name = _building_name_in(written)
    split = _ENTRANCE_WORD.sub(r"-", _BUILDING_WORD.sub("-", written, count=1), count=1)
    building, *middle, door = _split(_DOOR_WORD.sub("", split))
    code = plain_number(building)
    return RoomCode(
        _checked(_BUILDING, code, "楼栋"),
        _building_name(code, name),
        _entrance(*middle),
        _door(door),
    )


def room_from_columns(building: Cell, entrance: Cell, door: Cell) -> RoomCode:
    """Building, entrance and door in columns of their own; the door may repeat the others."""
    if is_absent(door):
        raise BadCell("room_missing", "房号没有填写")
    if is_absent(building):
        return _spelled_out(door)
    code, name, stairs = _place(building, entrance)
    if isinstance(door, str) and _PLAIN_DOOR.fullmatch(door):
        return RoomCode(code, name, stairs, door)
    written = _written(door)
    if _BUILDING_WORD.search(written) or written.count("-") > 1:
        return _agreeing(room_from_code(door), code, stairs)
    first, _, last = _DOOR_WORD.sub("", _ENTRANCE_WORD.sub("-", written)).rpartition("-")
    if first and (stairs is None or plain_number(first) == stairs):
        return RoomCode(code, name, _entrance(first), _door(last))
    return RoomCode(code, name, stairs, _door(_DOOR_WORD.sub("", written)))


def kind_of(value: Cell) -> RoomKind:
    """房屋类型 by any of its words."""
    if is_absent(value):
        raise BadCell("kind_unknown", f"房屋类型没有填写，可填：{KIND_WORDS}")
    found = KINDS.get(squeezed(value).lower())
    if found is None:
        raise BadCell("kind_unknown", f"不认识这个房屋类型，可填：{KIND_WORDS}")
    return found


KIND_WORDS = "、".join(words.split()[0] for words in _KINDS.values())


@lru_cache(maxsize=1024)
def plain_number(written: str) -> str:
    """`五` -> `5`, `十二` -> `12`, `05` -> `5`; anything else as it is."""
    if written.isascii() and written.isdigit():
        return str(int(written))
    tens, ten, ones = written.rpartition("十")
    known = all(sign in _DIGITS for sign in tens + ones)
    if not written or not known or (ten and max(len(tens), len(ones)) > 1):
        return written
    if ten:
        return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))
    return str(int("".join(str(_DIGITS[sign]) for sign in written)))


def _written(value: Cell) -> str:
    """Blanks gone, dashes made one kind; a date means Excel has rewritten what was typed."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise BadCell("room_invalid", "房号被 Excel 改成了日期，请把该列设为文本格式后重新填写")
    return _DASH.sub("-", unquoted(squeezed(value))).upper()


def _split(written: str) -> list[str]:
    parts = [part.strip() for part in written.split("-")]
    if len(parts) == 4 and re.fullmatch(r"[A-Z]\d*", parts[2]):
        parts[2:] = ["-".join(parts[2:])]  # 5-1-B1-023: the floor is part of the door
    if not 2 <= len(parts) <= 3 or not all(parts):
        raise BadCell("room_invalid", f"看不懂这个房号，{_HOW}")
    return parts


def _spelled_out(door: Cell) -> RoomCode:
    try:
        return room_from_code(door)
    except BadCell as cause:
        raise BadCell("room_missing", "楼栋没有填写", field="building") from cause


def _agreeing(room: RoomCode, building: str, entrance: str | None) -> RoomCode:
    if room.building_code != building or entrance not in (None, room.entrance):
        raise BadCell("room_invalid", "房号和前面的楼栋、单元对不上，请核对")
    return room


@lru_cache(maxsize=1024, typed=True)
def _place(building: Cell, entrance: Cell) -> tuple[str, str, str | None]:
    """Code and name of the building, and the entrance."""
    code, name = _building(_written(building))
    return code, name, None if is_absent(entrance) else _entrance_alone(_written(entrance))


def _building(written: str) -> tuple[str, str]:
    """`1栋` -> (`1`, `1栋`); `商业街` stays."""
    word = _BUILDING_END.search(written)
    code = plain_number(written[: word.start()] if word else written)
    name = code + word[1] if word and not word[1].startswith("#") else ""
    return _checked(_BUILDING, code, "楼栋"), _building_name(code, name)


def _building_name_in(written: str) -> str:
    """`5号楼` of `5号楼1单元101`; empty where there is no such word."""
    found = _BUILDING_WORD.search(written)
    if not found or found[1].startswith("#"):
        return ""
    return plain_number(written[: found.start()]) + found[1]


def _building_name(code: str, written: str) -> str:
    return written or (f"{code}栋" if code[-1].isascii() else code)


def _entrance(written: str = "") -> str | None:
    return _checked(_ENTRANCE, plain_number(written), "单元") if written else None


def _entrance_alone(written: str) -> str | None:
    stem = _ENTRANCE_WORD.sub("", written).removesuffix("#")
    return None if stem in PLACEHOLDERS else _entrance(stem)


def _door(written: str) -> str:
    return _checked(_DOOR, written, "房号")


def _checked(pattern: re.Pattern[str], written: str, field: str) -> str:
    if not pattern.fullmatch(written):
        raise BadCell("room_invalid", f"{field}看不懂，{_HOW}")
    return written
