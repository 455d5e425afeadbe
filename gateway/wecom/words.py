"""Small words for messages: masked names and rooms, dates, and cutting at byte limits."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from domain.clock import SHANGHAI

ELLIPSIS = "…"
WORTH_BYTES = 12  # a rest of a line shorter than three characters and … says nothing
WEEKDAYS = "一二三四五六日"
_COMPOUND_SURNAME = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳"
    "|公冶|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|子车|亓官|司寇|巫马|公西|颛孙"
    "|令狐|段干|百里|呼延|东郭|南门|羊舌|微生|梁丘|左丘|东门|西门|第五"
)
_HAN_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")
_NUMBERED = re.compile(r"[0-9]+|[A-Za-z]")


def fit(text: str, limit: int) -> str:
    """The text within `limit` bytes of UTF-8, cut between characters and ended with … if cut."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    room = limit - len(ELLIPSIS.encode())
    return raw[:room].decode(errors="ignore") + ELLIPSIS


def lines(parts: Iterable[str], limit: int, *, between: str = "<br>") -> str:
    """As many lines as fit `limit` bytes; the last one that does not fit is cut, never a tag."""
    done = ""
    for part in parts:
        joined = f"{done}{between}{part}" if done else part
        if len(joined.encode()) > limit:
            start = f"{done}{between}" if done else ""
            rest = limit - len(start.encode())
            return f"{start}{fit(part, rest)}" if rest >= WORTH_BYTES else done
        done = joined
    return done


def plain(text: str) -> str:
    """Text from people, for a message: one line, and no tag or link of its own making."""
    return " ".join(text.split()).replace("<", "＜").replace(">", "＞")


def salutation(name: str, *, company: bool = False) -> str:
    """How an owner is addressed without giving a person's full name away.

    `王小明` -> `王先生/女士`; a company keeps its name; what is not a Chinese name is `业主`.
    """
    name = plain(name)
    if company and name:
        return fit(name, 90)
    if not _HAN_NAME.fullmatch(name):
        return "业主"
    compound = _COMPOUND_SURNAME.match(name) if len(name) > 2 else None
    surname = compound[0] if compound else name[0]
    return f"{surname}先生/女士"


def masked_room(code: str) -> str:
    """The building only: `5-1-101` -> `5号楼***`; a code of one part keeps its first character."""
    first, dash, _ = plain(code).partition("-")
    if not dash:
        return f"{first[:1]}***"
    return f"{first}号楼***" if _NUMBERED.fullmatch(first) else f"{first}***"


def month(period: str) -> str:
    """`2026-11` -> `2026年11月`."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", period)
    if not found:
        raise ValueError(f"not a month: {period!r}")
    return f"{found[1]}年{int(found[2])}月"


def day(on: date) -> str:
    """`11月30日 周一`."""
    return f"{on.month}月{on.day}日 周{WEEKDAYS[on.weekday()]}"


def moment(at: datetime) -> str:
    """`11月30日 周一 08:30`, Shanghai time."""
    local = at.astimezone(SHANGHAI)
    return f"{day(local.date())} {local:%H:%M}"


def change(now_fen: int, before_fen: int) -> str:
    """How an amount moved: `增 3.2%`, `减 0.5%`, `持平`; nothing to compare with is `无上期`."""
    if before_fen <= 0:
        return "无上期"
    tenths = (abs(now_fen - before_fen) * 1000 + before_fen // 2) // before_fen
    if not tenths:
        return "持平"
    return f"{'增' if now_fen > before_fen else '减'} {tenths // 10}.{tenths % 10}%"
