"""Names of owners and their families, and who owns how much."""

import re
from decimal import ROUND_HALF_UP, Decimal

from domain.imports.rows import FamilyCell
from gateway.excel.cells import LIST, decimal, is_absent, squeezed, text
from gateway.excel.errors import BadCell
from gateway.excel.workbook import Cell

_CJK = re.compile(r"[\u3007\u3400-\u9fff\U00020000-\U0003ffff]")
_FORMULA = ("=", "+", "-", "@")
_NOT_IN_NAMES = re.compile(r"[<>{}\[\]=\"\\^*%$#@!?~]")
_SHARED_NAME = re.compile(r"(.+?)\((\d{1,3}(?:\.\d+)?%)\)", re.ASCII)
_RELATION_AFTER = re.compile(r"(.+?)\((.{1,10})\)")
_RELATION_BEFORE = re.compile(r"(.{1,6}?):(.+)")
_SIX = Decimal("0.000001")


def owner_names(value: Cell) -> tuple[tuple[str, Decimal | None], ...]:
    """All owners of a cell, each with the share in brackets behind the name, if any."""
    if is_absent(value):
        raise BadCell("owner_missing", "业主姓名没有填写（公式没有计算结果也按没有填写处理）")
    if not isinstance(value, str):
        raise BadCell("owner_invalid", "业主姓名应填写文字")
    if text(value).startswith(_FORMULA):
        raise BadCell("owner_invalid", "业主姓名里是公式，请改为姓名")
    found = tuple(_owner(part) for part in LIST.split(text(value)) if part.strip())
    if not found:
        raise BadCell("owner_missing", "业主姓名没有填写")
    if len({name for name, _ in found}) != len(found):
        raise BadCell("owner_invalid", "同一格里有重复的业主姓名，请核对")
    return found


def _owner(part: str) -> tuple[str, Decimal | None]:
    if with_share := _SHARED_NAME.fullmatch(part.strip()):
        return name(with_share[1], "owner", "业主姓名"), share(with_share[2])
    return name(part, "owner", "业主姓名"), None


def name(written: str, code: str, field: str) -> str:
    """A name without the blanks people pad Chinese names with; Latin names keep single ones."""
    chinese = _CJK.search(written) is not None
    clean = ("" if chinese else " ").join(written.split())
    if not any(map(str.isalpha, clean)) or len(clean) > 60 or _NOT_IN_NAMES.search(clean):
        raise BadCell(f"{code}_invalid", f"{field}不像姓名，请核对")
    return clean.replace("(", "（").replace(")", "）") if chinese else clean


def family(value: Cell) -> tuple[FamilyCell, ...]:
    """`朱梅(配偶)、唐晓诗(子女)`, `配偶:朱梅`, or bare names."""
    if is_absent(value):
        return ()
    if not isinstance(value, str):
        raise BadCell("family_invalid", "家庭成员应写成 张三(配偶)、李四(子女) 的样子")
    return tuple(_member(part.strip()) for part in LIST.split(text(value)) if part.strip())


def _member(part: str) -> FamilyCell:
    if after := _RELATION_AFTER.fullmatch(part):
        written, relation = after[1], after[2].strip()
    elif before := _RELATION_BEFORE.fullmatch(part):
        written, relation = before[2], before[1].strip()
    else:
        written, relation = part, ""
    if any(map(str.isdigit, written)):
        raise BadCell("family_invalid", "家庭成员应写成 张三(配偶)、李四(子女) 的样子")
    return FamilyCell(name(written, "family", "家庭成员"), relation or None)


def shares(value: Cell) -> tuple[Decimal, ...]:
    """Shares of a cell in the order of the owners; () where blank. Slashes belong to fractions."""
    if is_absent(value):
        return ()
    if not isinstance(value, str):
        return (share(value),)
    return tuple(share(part) for part in re.split(r"[、,;|\n]+", text(value)) if part.strip())


def share(value: Cell) -> Decimal:
    """`50%`, `1/2`, `0.5` or `50` -> a part of one, six places; more than 0, at most 1."""
    written = squeezed(value)
    top, slash, bottom = written.partition("/")
    if slash:
        found = _ratio(decimal(top), decimal(bottom))
    else:
        found = decimal(written.removesuffix("%"))
        if found is not None and (written.endswith("%") or found > 1):
            found /= 100
    if found is None or not _SIX <= found <= 1:
        raise BadCell("share_invalid", "产权份额应写成 50% 或 1/2 的样子")
    return found.quantize(_SIX, ROUND_HALF_UP)


def _ratio(top: Decimal | None, bottom: Decimal | None) -> Decimal | None:
    return top / bottom if top is not None and bottom else None
