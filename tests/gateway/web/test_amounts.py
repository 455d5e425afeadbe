"""Amounts as people type them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.amounts import MOST_FEN, AmountInvalid, parse_fen

FEN = st.integers(1, MOST_FEN)
WIDE = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


@given(FEN)
def test_every_amount_reads_back_however_it_is_written(fen):
    plain = f"{fen // 100}.{fen % 100:02d}"
    grouped = f"{fen // 100:,}.{fen % 100:02d}"
    ways = (
        plain, grouped, grouped.replace(",", " "), grouped.replace(",", "，"), f" ¥ {grouped} ",
        f"￥{plain}", f"{plain}元", plain.translate(WIDE), grouped.translate(WIDE), f"\u3000{plain}\u00a0",
        f"00{plain}", plain.replace(".", "。"),
    )  # fmt: skip
    assert {parse_fen(way) for way in ways} == {fen}


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("8", 800), ("8.", 800), ("8.5", 850), ("0.01", 1), ("1,234.56", 123_456), ("99999999.99", MOST_FEN)],
)  # fmt: skip
def test_short_ways_of_writing(typed, fen):
    assert parse_fen(typed) == fen


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请填写金额"), ("   ", "请填写金额"), ("¥", "请填写金额"),
        ("1.234", "两位小数"), ("0.001", "两位小数"),
        ("0", "大于 0"), ("0.00", "大于 0"),
        ("-5", "看不懂"), ("+5", "看不懂"), ("12,50", "看不懂"), ("1,2345", "看不懂"),
        ("1 0", "看不懂"), ("1.2.3", "看不懂"), (".5", "看不懂"), ("1e3", "看不懂"),
        ("壹佰", "看不懂"), ("٣", "看不懂"), ("NaN", "看不懂"), ("0x10", "看不懂"),
        ("100000000", "太大"), ("9" * 200, "太大"),
    ],
)  # fmt: skip
def test_what_is_refused_says_how_to_mend_it(typed, sentence):
    with pytest.raises(AmountInvalid, match=sentence):
        parse_fen(typed)


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_a_refusal(typed):
    with suppress(AmountInvalid):
        assert 0 < parse_fen(typed) <= MOST_FEN
