"""Days as people type them or a date field sends them: `2020-05-01`, `2020/5/1`, `2020年5月1日`."""

import re
import unicodedata
from datetime import date

from domain.errors import Invalid

_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


class DayInvalid(Invalid):
    """A day that cannot be read, or that the calendar does not have."""

    code = "day_invalid"


def optional_day(typed: str, name: str) -> date | None:
    """The day, or None where nothing was typed."""
    written = re.sub(r"\s+", "", unicodedata.normalize("NFKC", typed))
    if not written:
        return None
    found = _DAY.fullmatch(written)
    try:
        return date(*map(int, found.groups())) if found else _not_a_day(name)
    except ValueError as error:
        raise DayInvalid(f"{name}不是正确的日期，请核对") from error


def day(typed: str, name: str) -> date:
    """The day; refused where nothing was typed."""
    found = optional_day(typed, name)
    if found is None:
        raise DayInvalid(f"请填写{name}")
    return found


def _not_a_day(name: str) -> date:
    raise DayInvalid(f"{name}看不懂，请写成 2020-05-01 的样子")
