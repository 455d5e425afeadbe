"""Small words: masks, dates, and cutting at byte limits."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wecom.words import (
    change,
    day,
    fit,
    lines,
    masked_room,
    moment,
    month,
    plain,
    salutation,
)


@given(st.text(), st.integers(3, 200))
def test_a_cut_text_fits_and_is_whole_characters_of_the_original(text: str, limit: int) -> None:
    cut = fit(text, limit)
    assert len(cut.encode()) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


@pytest.mark.parametrize(
    ("limit", "cut"),
    [(12, "物业管理"), (11, "物业…"), (9, "物业…"), (8, "物…"), (6, "物…"), (3, "…")],
)
def test_chinese_is_cut_between_characters(limit: int, cut: str) -> None:
    assert fit("物业管理", limit) == cut


@given(st.lists(st.text(st.characters(exclude_characters="<>", codec="utf-8"), max_size=60)),
       st.integers(20, 300))  # fmt: skip
def test_lines_fit_and_no_tag_is_cut(parts: list[str], limit: int) -> None:
    joined = lines(parts, limit)
    assert len(joined.encode()) <= limit
    assert "<" not in joined.replace("<br>", "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("王小明", "王先生/女士"),
        ("欧阳明", "欧阳先生/女士"),
        ("欧阳", "欧先生/女士"),
        ("启明商贸有限公司", "业主"),
        ("阿依努尔·买买提", "业主"),
        ("John Smith", "业主"),
        ("", "业主"),
        ("<a href=x>", "业主"),
    ],
)
def test_an_owner_is_addressed_without_the_full_name(name: str, said: str) -> None:
    assert salutation(name) == said


def test_a_company_keeps_its_name() -> None:
    assert salutation("晨光文具店", company=True) == "晨光文具店"
    assert salutation("", company=True) == "业主"
    assert len(salutation("长" * 200, company=True).encode()) <= 90


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("5-1-101", "5号楼***"), ("A-2-303", "A号楼***"), ("10号楼-1-101", "10号楼***"),
        ("北苑-3-2", "北苑***"), ("P012", "P***"), ("", "***"),
    ],
)  # fmt: skip
def test_a_room_shows_its_building_only(code: str, shown: str) -> None:
    assert masked_room(code) == shown


def test_people_cannot_put_tags_and_lines_into_a_message() -> None:
    assert plain(" 王<a href='x'>点我</a>\n\t明 ") == "王＜a href='x'＞点我＜/a＞ 明"


def test_dates_are_said_as_a_clerk_would() -> None:
    assert month("2026-01") == "2026年1月"
    assert day(date(2026, 11, 23)) == "11月23日 周一"
    assert moment(datetime(2026, 11, 22, 16, 30, tzinfo=UTC)) == "11月23日 周一 00:30"
    for wrong in ("2026-13", "2026-1", "26-01", "2026-11-01"):
        with pytest.raises(ValueError, match="not a month"):
            month(wrong)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (10320, 10000, "增 3.2%"), (9950, 10000, "减 0.5%"), (10000, 10000, "持平"),
        (10004, 10000, "持平"), (5, 0, "无上期"), (300, 100, "增 200.0%"),
    ],
)  # fmt: skip
def test_how_an_amount_moved(now: int, before: int, said: str) -> None:
    assert change(now, before) == said
