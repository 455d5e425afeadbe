"""Phones and ID numbers."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.excel.errors import BadCell
from gateway.excel.identity import check_character, id_number, id_numbers, phones

PHONE = "17400008257"
ID = "11020019860731785X"
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")

ids = st.builds(
    lambda region, day, order: (
        (body := f"{region}{day:%Y%m%d}{order:03}") + check_character(body)
    ),
    st.integers(110000, 829999), st.dates(min_value=dt.date(1900, 1, 1)),
    st.integers(0, 999),
)  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [PHONE, 17400008257, 17400008257.0, "174 0000 8257", "+86-17400008257", "+86 174-0000-8257", "8617400008257",
     "008617400008257", "'17400008257", "‘17400008257", "１７４００００８２５７", "\u202d17400008257\u202c",
     "手机：17400008257", "17400008257（本人）", "\u300017400008257\n"],
)  # fmt: skip
def test_one_phone(written: Any) -> None:
    assert phones(written) == (PHONE,)


@pytest.mark.parametrize(
    "written",
    ["17400005693/17400003701", "17400005693、17400003701", "17400005693 17400003701", "17400005693\n17400003701",
     "17400005693；+86 17400003701", "17400005693，17400003701、17400005693"],
)  # fmt: skip
def test_two_phones(written: str) -> None:
    assert phones(written) == ("17400005693", "17400003701")


@pytest.mark.parametrize(
    "written", ["021-12345678", "(021)12345678", "０２１－１２３４５６７８", "+86 021 12345678"]
)
def test_a_landline_keeps_its_area_code(written: str) -> None:
    assert phones(written) == ("02112345678",)


@pytest.mark.parametrize(
    "written",
    ["1740000", 1740000.0, "27400008257", "174000082571", "1.74E+10", 1.74e10 + 0.5, "没有电话", "1740000825x",
     "17400008257/123", "1740000569317400003701", True, "174٠٠٠٠٨٢٥٧", "12345678"],
)  # fmt: skip
def test_phones_that_are_none(written: Any) -> None:
    with pytest.raises(BadCell) as refused:
        phones(written)

    assert refused.value.code == "phone_invalid"


@pytest.mark.parametrize("written", ["", "-", "无", "、", " / "])
def test_a_phone_left_out(written: str) -> None:
    with pytest.raises(BadCell) as refused:
        phones(written)

    assert refused.value.code == "phone_missing"


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "+86", "+86-", "86 ", "'"]),
)
def test_a_phone_is_read_the_same_however_it_is_typed(phone: str, before: str) -> None:
    assert phones(before + phone) == (phone,)
    assert phones(f"{before}{phone[:3]} {phone[3:7]}-{phone[7:]}") == (phone,)
    assert phones(float(phone)) == (phone,)


@pytest.mark.parametrize(
    "written",
    [ID, ID.lower(), f"'{ID}", f" {ID} ", "110200 19860731 785X", ID.translate(FULL_WIDTH)],
)
def test_one_id_number(written: str) -> None:
    assert id_numbers(written) == (ID,)


@pytest.mark.parametrize(
    "written",
    [1.10200198001e17, 110200198001010012, 110105490231002.0, "1.10200198001E+17", "110200196310044630",
     "11020019861331785X", "110105490231002", "X" * 18, "110200198607317850", True],
)  # fmt: skip
def test_id_numbers_that_are_none(written: Any) -> None:
    with pytest.raises(BadCell) as refused:
        id_numbers(written)

    assert refused.value.code == "id_number_invalid"


def test_id_numbers_of_several_owners_keep_their_order() -> None:
    assert id_numbers(f"无、{ID}") == (None, ID)
    assert id_numbers("") == ()


@given(ids)
def test_every_number_with_its_check_character_is_taken(number: str) -> None:
    assert id_number(number.lower()) == number


@given(ids, st.integers(1, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: str, place: int, by: int) -> None:
    old = number[place]
    new = "0" if old == "X" else str((int(old) + by) % 10)

    with pytest.raises(BadCell):
        id_number(number[:place] + new + number[place + 1 :])


def test_a_company_gives_its_credit_code() -> None:
    assert id_number("91350100m000100y43") == "91350100M000100Y43"
    with pytest.raises(BadCell):
        id_number("91350100M000100Y44")
