"""Amounts as people type them: `1,234.56`, `１２３４．５６`, `¥ 1 234,5` – the last is refused."""

import re
import unicodedata

from domain.errors import Invalid

MOST_FEN = 99_999_999_99
_BLANKS = re.compile(r"\s+")
_PLAIN = re.compile(r"([0-9]+|[0-9]{1,3}(?:[, ][0-9]{3})+)(?:\.([0-9]*))?")
_SIGNS = str.maketrans({"。": ".", "，": ",", "、": ",", "¥": "", "￥": "", "元": ""})


class AmountInvalid(Invalid):
    """An amount that cannot be read, or that nobody pays."""

    code = "amount_invalid"


def parse_fen(typed: str) -> int:
    """Whole fen of an amount in yuan, more than zero; AmountInvalid says how to type it.

    Commas and blanks count only as marks between thousands: `12,50` is never read as 1250.
    """
    text = unicodedata.normalize("NFKC", typed).translate(_SIGNS)
    text = _BLANKS.sub(" ", text).strip()
    if not text:
        raise AmountInvalid("请填写金额")
    found = _PLAIN.fullmatch(text)
    if found is None:
        raise AmountInvalid(f"看不懂金额「{typed.strip()[:20]}」，请写成 1234.56 的样子")
    whole, cents = found[1].replace(",", "").replace(" ", ""), found[2] or ""
    if len(cents) > 2:
        raise AmountInvalid("金额最多写到分（两位小数）")
    return _within(whole, cents)


def _within(whole: str, cents: str) -> int:
    digits = whole.lstrip("0") + cents.ljust(2, "0")
    fen = int(digits) if len(digits) <= 12 else MOST_FEN + 1
    if fen > MOST_FEN:
        raise AmountInvalid("金额太大了，请核对")
    if fen == 0:
        raise AmountInvalid("金额必须大于 0")
    return fen
