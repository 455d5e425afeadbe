"""Phones and ID numbers. Refusals never repeat what was typed: it would end up in logs."""

import re
from operator import mul

from gateway.excel.cells import LIST, PLACEHOLDERS, calendar_day, is_absent, text, unquoted
from gateway.excel.errors import BadCell
from gateway.excel.workbook import Cell

_MOBILE = re.compile(r"(?:\+?0{0,2}86)?(1[3-9]\d{9})", re.ASCII)
_MOBILES = re.compile(r"(?:1[3-9]\d{9}){2,4}", re.ASCII)
_LANDLINE = re.compile(r"(?:\+?0{0,2}86)?(0[1-9]\d{8,10})", re.ASCII)
_PHONE_NOISE = re.compile(r"[\s\-()—–.]")
_LABEL = re.compile(r"^[^\d+(]{1,8}[:]|\([^\d)]*\)", re.ASCII)

_ID = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_ZEROS = ord("0") * sum(_ID_WEIGHTS)
_NOISE = re.compile(r"[\s-]")
_CREDIT = re.compile(r"9[1239]\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def phones(value: Cell) -> tuple[str, ...]:
    """All phones of a cell, digits only: mobiles of 11 digits, landlines with their area code."""
    if is_absent(value):
        raise BadCell("phone_missing", "联系电话没有填写")
    if isinstance(value, str) and _MOBILE.fullmatch(value):
        return (value[-11:],)
    found: list[str] = []
    for part in LIST.split(text(value)):
        found.extend(_phones(_LABEL.sub("", unquoted(part))))
    if not found:
        raise BadCell("phone_missing", "联系电话没有填写")
    return tuple(dict.fromkeys(found))


def _phones(part: str) -> list[str]:
    digits = _PHONE_NOISE.sub("", part)
    if not digits:
        return []
    if one := _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return [one[1]]
    if _MOBILES.fullmatch(digits) and not part.isdigit():
        return [digits[i : i + 11] for i in range(0, len(digits), 11)]
    raise BadCell("phone_invalid", "联系电话不对，应为 11 位手机号，或带区号的固定电话")


def id_numbers(value: Cell) -> tuple[str | None, ...]:
    """ID numbers of a cell in order; None where a mark stands for "none"; () where blank."""
    if isinstance(value, str):
        if is_absent(value):
            return ()
        return tuple(
            None if part.strip() in PLACEHOLDERS else id_number(part)
            for part in LIST.split(text(value))
        )
    raise BadCell(
        "id_number_invalid",
        "身份证号存成了数字，末尾几位已经丢失，请把该列设为文本格式后重新填写",
    )


def id_number(written: str) -> str:
    """One resident ID number (GB 11643), or a company's credit code (GB 32100), with its check."""
    number = written if written.isdigit() else _NOISE.sub("", unquoted(written)).upper()
    if _CREDIT.fullmatch(number):
        if not _credit_code_holds(number):
            raise BadCell("id_number_invalid", "统一社会信用代码校验不通过，请核对")
        return number
    if re.fullmatch(r"\d(?:\.\d+)?E\+?\d+", number):
        raise BadCell("id_number_invalid", "身份证号成了科学计数，数字已经丢失，请重新填写")
    if not _ID.fullmatch(number):
        raise BadCell("id_number_invalid", "身份证号应为 18 位")
    if calendar_day(int(number[6:10]), int(number[10:12]), int(number[12:14])) is None:
        raise BadCell("id_number_invalid", "身份证号里的出生日期不对，请核对")
    if check_character(number[:17]) != number[17]:
        raise BadCell("id_number_invalid", "身份证号校验不通过，可能有一位写错，请核对")
    return number


def check_character(body: str) -> str:
    """The last character of a resident ID number from its first 17 digits."""
    total = sum(map(mul, body.encode("ascii"), _ID_WEIGHTS)) - _ID_ZEROS
    return "10X98765432"[total % 11]


def _credit_code_holds(code: str) -> bool:
    body = map(_CREDIT_SIGNS.index, code[:17])
    total = sum(sign * weight for sign, weight in zip(body, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_SIGNS[-total % 31] == code[17]
