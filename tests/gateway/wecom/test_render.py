"""Letters as people read them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.wecom.messages import ButtonCard, MassText, Text, TextCard
from gateway.wecom.registry import KINDS, kind
from gateway.wecom.render import render

LINK = "https://wuye.example/b/9f3a"
BILL: dict[str, Any] = {
    "name": "王小明", "community": "晨光花园", "room": "5-1-101", "period": "2026-11",
    "total_fen": 123456, "due_on": "2026-11-30", "link": LINK,
}  # fmt: skip
PAID: dict[str, Any] = {
    "name": "王小明", "community": "晨光花园", "room": "5-1-101", "amount_fen": 20000,
    "paid_at": "2026-11-23T01:30:00+00:00", "receipt_no": "SJ20261123-0007", "link": LINK,
}  # fmt: skip
RUN: dict[str, Any] = {
    "community": "晨光花园", "period": "2026-11", "bills": 1234, "total_fen": 45678900,
    "link": LINK,
}  # fmt: skip
SAMPLES: dict[str, dict[str, Any]] = {
    "bill.issued": BILL,
    "payment.received": PAID,
    "bill_run.awaiting_approval": {**RUN, "previous_fen": 44000000, "attention": 5},
    "bill_run.issued": {**RUN, "letters": 1100, "unreachable": 34},
    "letters.dead": {
        "as_of": "2026-11-23T08:00:00+08:00", "count": 12, "link": LINK,
        "reasons": [{"reason": "业主已经不是这位员工的客户", "count": 9}],
    },
    "letters.press_send": {"owners": 3, "as_of": "2026-11-23T16:00:00+08:00"},
}  # fmt: skip


def text(name: str, **changed: Any) -> str:
    message = render(name, {**SAMPLES[name], **changed})
    return message.description if isinstance(message, TextCard) else message.content


def test_every_kind_has_a_sample_here() -> None:
    assert set(SAMPLES) == set(KINDS)


def test_an_owner_reads_what_is_due_and_until_when() -> None:
    assert render("bill.issued", BILL) == MassText(
        "您好，王先生/女士：您晨光花园5号楼***的2026年11月账单 ¥1,234.56 已出，"
        f"请在11月30日 周一前缴清。查看明细：{LINK}"
    )


def test_who_signs_stands_at_the_head_whatever_it_is_called() -> None:
    assert text("bill.issued", sender="安居物业").startswith(
        "【安居物业】您好，王先生/女士：您晨光"
    )
    assert text("payment.received", sender="【安】居：\n物业").startswith(
        "【安居 物业】您好，王先生"
    )
    long = text("bill.issued", sender="安" * 200, community="园" * 200, room="楼" * 200)
    assert long.startswith("【安")
    assert LINK in long
    assert len(long.partition("】")[0].encode()) <= 66


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"bills": 3}, "5号楼***等 3 处的2026年11月账单"),
        ({"paid_fen": 123456}, "已从预存款扣清，无需再缴。"),
        ({"paid_fen": 3456}, "预存款已抵 ¥34.56，还需缴 ¥1,200.00，请在11月30日 周一前缴清。"),
        ({"total_fen": 0}, "¥0.00 已出，本期无需缴费。"),
    ],
)
def test_an_owner_is_never_asked_for_what_is_already_paid(
    changed: dict[str, Any], part: str
) -> None:
    assert part in text("bill.issued", **changed)


@pytest.mark.parametrize("name", ["bill.issued", "payment.received"])
def test_a_text_to_an_owner_has_no_full_name_and_no_full_room(name: str) -> None:
    assert "王小明" not in text(name)
    assert "101" not in text(name)


def test_a_payment_says_what_is_left() -> None:
    assert text("payment.received") == (
        "您好，王先生/女士：11月23日 周一 09:30 收到您晨光花园5号楼***的缴费 ¥200.00"
        f"（收据号 SJ20261123-0007），账单已缴清。查看：{LINK}"
    )
    assert "还欠 ¥0.05。" in text("payment.received", open_fen=5)
    assert "，多出的 ¥1.00 已存为预存款。" in text("payment.received", prepaid_fen=100)


def test_the_approver_reads_the_numbers() -> None:
    card = render("bill_run.awaiting_approval", SAMPLES["bill_run.awaiting_approval"])
    assert card == ButtonCard(
        "待审批：晨光花园 2026年11月账单",
        "审批通过后才会出账并通知业主",
        [("账单", "1,234 张"), ("合计", "¥456,789.00"), ("上期", "¥440,000.00，增 3.8%"),
         ("需要留意", "5 处")],
        LINK,
        "查看并审批",
        "我来处理",
        "claim",
    )  # fmt: skip


def test_an_issued_run_says_who_cannot_be_reached() -> None:
    assert text("bill_run.issued").endswith("<br>34 位业主没有绑定微信，请另行通知")
    assert text("bill_run.issued", unreachable=0).endswith("将通知 1,100 位业主")


def test_the_digest_names_the_reasons() -> None:
    card = render("letters.dead", SAMPLES["letters.dead"])
    assert isinstance(card, TextCard)
    assert card.title == "12 条消息没有送达"
    assert card.description == "截至 11月23日 周一 08:00<br>9 条：业主已经不是这位员工的客户"


def test_two_reminders_differ_so_that_the_duplicate_check_lets_both_through() -> None:
    first = render("letters.press_send", SAMPLES["letters.press_send"])
    assert isinstance(first, Text)
    assert first.content.startswith("3 位业主的消息等您点发送。")
    assert first.content != text("letters.press_send", as_of="2026-11-23T17:00:00+08:00")


WORDS = st.text(min_size=1, max_size=400)


@settings(deadline=None)
@given(WORDS, WORDS, WORDS, st.integers(0, 10**15))
def test_no_words_break_a_limit_or_the_link(one: str, two: str, three: str, fen: int) -> None:
    bill = render("bill.issued", {**BILL, "name": one, "community": two, "room": three})
    assert isinstance(bill, MassText)
    assert bill.content.endswith(f"查看明细：{LINK}")
    run = {**SAMPLES["bill_run.issued"], "community": two, "total_fen": fen}
    assert isinstance(render("bill_run.issued", run), TextCard)
    reasons = [{"reason": one + two + three, "count": 1}] * 20
    assert isinstance(
        render("letters.dead", {**SAMPLES["letters.dead"], "reasons": reasons}), TextCard
    )


def test_an_unknown_kind_crashes_loudly() -> None:
    with pytest.raises(LookupError, match=r"bill\.isued.*known: bill\.issued"):
        render("bill.isued", BILL)


@pytest.mark.parametrize(
    "wrong",
    [{"total_fen": 1.5}, {"total_fen": "12"}, {"total_fen": -1}, {"due_on": "soon"}, {"x": 1}],
)
def test_wrong_facts_crash_and_are_not_repeated(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        render("bill.issued", {**BILL, **wrong})
    assert "王小明" not in str(caught.value)


def test_a_missing_fact_crashes() -> None:
    with pytest.raises(ValidationError):
        render("bill.issued", {key: value for key, value in BILL.items() if key != "link"})


def test_a_kind_is_written_once() -> None:
    def again(letter: dict[str, Any]) -> Text:
        return Text(str(letter))

    with pytest.raises(ValueError, match="twice"):
        kind("bill.issued")(again)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Text("物" * 683),
        lambda: Text(""),
        lambda: MassText("物" * 1334),
        lambda: TextCard("题" * 43, "x", LINK),
        lambda: TextCard("题", "x" * 513, LINK),
        lambda: TextCard("题", "x", "/b/9f3a"),
        lambda: TextCard("题", "x", LINK + "x" * 2048),
        lambda: TextCard("题", "x", LINK, "看看明细吧"),
        lambda: TextCard("题", "x", LINK, ""),
    ],
)
def test_a_message_over_wecoms_limits_cannot_be_made(make: Any) -> None:
    with pytest.raises(ValueError, match=r"bytes|scheme|characters"):
        make()
