"""Numbers as people type them: `1,234.5`, `１２`, `6%`; anything else is refused with the field's name."""

import re
import unicodedata
from decimal import Decimal

from domain.errors import Invalid

_NUMBER = re.compile(r"([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(\.[0-9]{0,9})?")
_PER_CENT = Decimal(100)


class NumberInvalid(Invalid):
    """A number nobody can read."""

    code = "number_invalid"


def number(typed: str, name: str) -> Decimal:
    """A number that is not negative, or a refusal."""
    found = optional_number(typed, name)
    if found is None:
        raise NumberInvalid(f"请填写{name}")
    return found


def optional_number(typed: str, name: str) -> Decimal | None:
    """The same where nothing may stand; then None."""
    plain = "".join(unicodedata.normalize("NFKC", typed).split()).replace("。", ".")
    if not plain:
        return None
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise NumberInvalid(f"看不懂{name}「{typed.strip()[:20]}」，请写成 12.5 的样子")
    return Decimal(found[1].replace(",", "") + (found[2] or ""))


def whole(typed: str, name: str, *, most: int) -> int:
    """A whole number up to `most`, or a refusal."""
    found = number(typed, name)
    if found != found.to_integral_value() or found > most:
        raise NumberInvalid(f"{name}要写成不超过 {most} 的整数")
    return int(found)


def optional_percent(typed: str, name: str) -> Decimal | None:
    """`6` or `6%` as 0.06; None where nothing stands."""
    plain = unicodedata.normalize("NFKC", typed).strip().removesuffix("%")
    found = optional_number(plain, name)
    return None if found is None else found / _PER_CENT


def plain(value: Decimal | None) -> str:
    """`2.500000` -> `2.5`; nothing for None."""
    if value is None:
        return ""
    return f"{value.normalize():f}" if value else "0"


def percent(value: Decimal | None) -> str:
    """`0.060000` -> `6`; nothing for None."""
    return plain(value * _PER_CENT) if value is not None else ""
