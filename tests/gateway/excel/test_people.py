"""Names, families, shares."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.naming import is_company
from gateway.excel.errors import BadCell
from gateway.excel.people import FamilyCell, family, owner_names, share, shares
from tests.gateway.excel.workbooks import outcome


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("丁萍鑫", ["丁萍鑫"]),
        (" 叶怡宇 ", ["叶怡宇"]),
        ("张\u3000轩", ["张轩"]),
        ("张 轩", ["张轩"]),
        ("郭杰、冯怡", ["郭杰", "冯怡"]),
        ("郭杰,冯怡;唐诗/谢丽\n罗雨", ["郭杰", "冯怡", "唐诗", "谢丽", "罗雨"]),
        ("买买提·吐尔逊", ["买买提·吐尔逊"]),
        ("John  Smith", ["John Smith"]),
        ("翠湖(集团)置业有限公司", ["翠湖（集团）置业有限公司"]),
        ("𠮷野", ["𠮷野"]),
    ],
)
def test_owners(written: str, names: list[str]) -> None:
    assert [name for name, _ in owner_names(written)] == names


def test_owners_with_their_shares_behind() -> None:
    assert owner_names("郭杰(60%)、冯怡（40%）") == (
        ("郭杰", Decimal("0.6")),
        ("冯怡", Decimal("0.4")),
    )


@pytest.mark.parametrize(
    ("written", "code"),
    [("", "owner_missing"), ("无", "owner_missing"), ("、", "owner_missing"), ('=HYPERLINK("http://x","a")', "owner_invalid"),
     ("+cmd|' /C calc'!A0", "owner_invalid"), ("@SUM(A1)", "owner_invalid"), (12345.0, "owner_invalid"), ("12345", "owner_invalid"),
     ("<b>丁</b>", "owner_invalid"), ("丁" * 61, "owner_invalid"), ("丁一、丁一", "owner_invalid"), (True, "owner_invalid")],
)  # fmt: skip
def test_owners_that_are_none(written: Any, code: str) -> None:
    with pytest.raises(BadCell) as refused:
        owner_names(written)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("written", "members"),
    [
        ("朱梅(配偶)、唐晓诗(子女)", [("朱梅", "配偶"), ("唐晓诗", "子女")]),
        ("朱梅（配偶），唐 晓诗（子女）", [("朱梅", "配偶"), ("唐晓诗", "子女")]),
        ("配偶:朱梅；女儿：唐晓诗", [("朱梅", "配偶"), ("唐晓诗", "女儿")]),
        ("朱梅", [("朱梅", None)]),
        ("", []),
        ("无", []),
    ],
)
def test_families(written: str, members: list[tuple[str, str | None]]) -> None:
    assert family(written) == tuple(FamilyCell(*member) for member in members)


@pytest.mark.parametrize("written", ["共3人", 3.0, "((", "=A1"])
def test_families_that_are_none(written: Any) -> None:
    with pytest.raises(BadCell) as refused:
        family(written)

    assert refused.value.code == "family_invalid"


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("50%", "0.5"),
        ("1/2", "0.5"),
        ("1/3", "0.333333"),
        (0.5, "0.5"),
        (50, "0.5"),
        ("50", "0.5"),
        ("１００％", "1"),
        (1, "1"),
    ],
)
def test_shares(written: Any, part: str) -> None:
    assert share(written) == Decimal(part)


@pytest.mark.parametrize(
    "written", ["0", "101%", "1/0", "2/1", "一半", "-5%", "NaN", True, "1/3000000", "0.0000004"]
)
def test_shares_that_are_none(written: Any) -> None:
    with pytest.raises(BadCell) as refused:
        share(written)

    assert refused.value.code == "share_invalid"


def test_shares_of_several_owners() -> None:
    assert shares("1/2、1/2") == (Decimal("0.5"), Decimal("0.5"))
    assert shares("") == ()


def test_organisations_are_told_by_their_names() -> None:
    assert is_company("翠湖置业有限公司")
    assert not is_company("丁萍鑫")


@given(st.text())
def test_any_text_is_taken_or_refused_and_nothing_worse(written: str) -> None:
    assert outcome(owner_names, written) in {
        "taken",
        "owner_missing",
        "owner_invalid",
        "share_invalid",
    }
    assert outcome(family, written) in {"taken", "family_invalid"}
    assert outcome(shares, written) in {"taken", "share_invalid"}
