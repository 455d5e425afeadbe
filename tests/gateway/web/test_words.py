"""How values are said on pages."""

from datetime import date

import pytest

from domain.bills.model import BillRunStatus, BillStatus
from domain.bills.reading import BillRow
from domain.people.model import PersonKind
from gateway.web import words
from gateway.web.cells import cell


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"), (1, "壹分"), (10, "壹角整"), (101, "壹元零壹分"), (123_456, "壹仟贰佰叁拾肆元伍角陆分"),
        (100_00, "壹佰元整"), (1_005_00, "壹仟零伍元整"), (10_000_00, "壹万元整"), (10_005_00, "壹万零伍元整"),
        (100_500_00, "壹拾万零伍佰元整"), (1_050_000_50, "壹佰零伍万元伍角整"),
        (100_000_001_00, "壹亿零壹元整"), (1_234_567_890_12, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
    ],
)  # fmt: skip
def test_amounts_in_capitals(fen, said):
    assert words.capitals(fen) == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (date(2026, 11, 1), date(2026, 12, 1), "2026年11月"),
        (date(2026, 10, 1), date(2027, 1, 1), "2026年10月至12月"),
        (date(2026, 12, 1), date(2027, 2, 1), "2026年12月至2027年1月"),
        (date(2026, 11, 5), date(2026, 11, 16), "2026年11月5日至11月15日"),
        (date(2026, 12, 20), date(2027, 1, 20), "2026年12月20日至2027年1月19日"),
    ],
)
def test_half_open_periods_as_people_say_them(start, end, said):
    assert words.period(start, end) == said


def test_names_are_masked_and_companies_are_not():
    assert words.masked_name("潘超") == "潘*"
    assert words.masked_name("欧阳文静") == "欧***"
    assert words.masked_name("安心贸易有限公司", PersonKind.COMPANY) == "安心贸易有限公司"


def bill(status: BillStatus, paid_fen: int = 0) -> BillRow:
    month = (date(2026, 11, 1), date(2026, 12, 1))
    return BillRow(
        1, "ZD1", 1, 1, "1-1-101", 1, "潘超", *month, status, 100, paid_fen, date(2026, 12, 1)
    )


def test_late_is_a_fact_of_what_is_owed_from_the_day_after_the_due_date():
    owing = bill(BillStatus.ISSUED)
    assert words.bill_tag(owing, date(2026, 12, 1)) == ("due", "待缴")
    assert words.bill_tag(owing, date(2026, 12, 2)) == ("late", "已逾期 1 天")
    assert words.bill_tag(bill(BillStatus.PAID, 100), date(2027, 1, 1)) == ("good", "已缴清")
    assert words.bill_tag(bill(BillStatus.REVERSED), date(2027, 1, 1)) == ("quiet", "已红冲")
    told = words.bill_tag(bill(BillStatus.REVERSED), date(2027, 1, 1), for_owner=True)
    assert told == ("quiet", "已撤销")


def test_every_state_has_words():
    for status in BillStatus:
        assert words.bill_tag(bill(status), date(2026, 11, 2))[1]
    for run in BillRunStatus:
        assert words.run_tag(run)[1]


def test_tiers_are_read_from_the_frozen_line():
    rows = words.tier_rows({"tiers": [["1", "15.0000", "2.770000"], ["2", "6.0000", "4.350000"]]})
    assert [(row.quantity, row.price, row.yuan) for row in rows] == [
        ("15", "2.77", "¥41.55"),
        ("6", "4.35", "¥26.10"),
    ]
    assert words.tier_rows({}) == []


def test_a_short_name_in_a_list_stays_in_one_line():
    name, sentence = "尚辰泽", "这位业主今天已有一条群发"
    for look in ("text", "strong", "soft"):
        assert 'class=" brief"' in cell(name, look, title="给谁", at_end=False)
        assert "brief" not in cell(sentence, look, title="为什么", at_end=False)
    assert "brief" in cell(("/desk/rooms", "456 套"), "link", title="房屋", at_end=False)
    assert "brief" not in cell(None, "text", title="给谁", at_end=False)
