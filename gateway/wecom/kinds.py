"""The kinds of letters we write today. `gateway.wecom.render` looks them up.

What goes to owners names the surname and the building only; the rest is behind the link.
Links are never cut: only words are shortened to fit.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, Strict
from pydantic.dataclasses import dataclass

from domain.money import yuan
from gateway.wecom.messages import DESCRIPTION_BYTES, TITLE_BYTES, MassText, Text, TextCard
from gateway.wecom.registry import kind
from gateway.wecom.words import (
    day,
    fit,
    lines,
    masked_room,
    moment,
    month,
    plain,
    salutation,
)

NAME_BYTES = 120
SENDER_BYTES = 60
EXACT = ConfigDict(extra="forbid", hide_input_in_errors=True)

Count = Annotated[int, Strict(), Field(ge=0)]
Fen = Annotated[int, Strict(), Field(ge=0)]
facts = dataclass(frozen=True, kw_only=True, config=EXACT)


def short(text: str) -> str:
    """A name as it fits into a sentence."""
    return fit(plain(text), NAME_BYTES)


@facts
class BillIssued:
    """One owner's bills of one run, merged. `paid_fen`: taken from the prepayment already;
    `received_fen`: paid otherwise before the letter was written.

    `name` and `room` are given whole and shown masked; `company`: the owner is not a person;
    `sender`: who signs, at the head of the message.
    """

    name: str
    community: str
    room: str
    period: str
    total_fen: Fen
    due_on: date
    link: str
    bills: Count = 1
    paid_fen: Fen = 0
    received_fen: Fen = 0
    company: bool = False
    sender: str = ""


@kind("bill.issued")
def bill_issued(letter: BillIssued) -> MassText:
    """To the owner: what is due, until when, and where to read it."""
    more = f"等 {letter.bills} 处" if letter.bills > 1 else ""
    where = f"{short(letter.community)}{masked_room(letter.room)}{more}"
    return MassText(
        f"{_dear(letter)}您{where}的{month(letter.period)}账单 "
        f"{yuan(letter.total_fen)} 已出，{_to_do(letter)}。查看明细：{letter.link}"
    )


def _to_do(letter: BillIssued) -> str:
    open_fen = letter.total_fen - letter.paid_fen - letter.received_fen
    if open_fen <= 0:
        return _nothing_to_do(letter)
    until = f"请在{day(letter.due_on)}前缴清"
    taken = f"预存款已抵 {yuan(letter.paid_fen)}，" if letter.paid_fen else ""
    paid = f"已缴 {yuan(letter.received_fen)}，" if letter.received_fen else ""
    return f"{taken}{paid}还需缴 {yuan(open_fen)}，{until}" if taken or paid else until


def _nothing_to_do(letter: BillIssued) -> str:
    if letter.received_fen:
        return "已缴清，无需再缴"
    return "已从预存款扣清，无需再缴" if letter.paid_fen else "本期无需缴费"


@facts
class PaymentReceived:
    """Money taken for one owner. `open_fen`: still owed; `prepaid_fen`: what became prepayment."""

    name: str
    community: str
    room: str
    amount_fen: Fen
    paid_at: datetime
    receipt_no: str
    link: str
    open_fen: Fen = 0
    prepaid_fen: Fen = 0
    company: bool = False
    sender: str = ""


@kind("payment.received")
def payment_received(letter: PaymentReceived) -> MassText:
    """To the owner: what was received and what is left."""
    left = f"还欠 {yuan(letter.open_fen)}" if letter.open_fen else "账单已缴清"
    rest = f"，多出的 {yuan(letter.prepaid_fen)} 已存为预存款" if letter.prepaid_fen else ""
    where = f"{short(letter.community)}{masked_room(letter.room)}"
    return MassText(
        f"{_dear(letter)}{moment(letter.paid_at)} 收到您{where}的缴费 "
        f"{yuan(letter.amount_fen)}（收据号 {short(letter.receipt_no)}），{left}{rest}。"
        f"查看：{letter.link}"
    )


@facts
class RunIssued:
    """An issued run. `unreachable`: payers without a WeCom contact."""

    community: str
    period: str
    bills: Count
    total_fen: Fen
    letters: Count
    link: str
    unreachable: Count = 0


@kind("bill_run.issued")
def run_issued(letter: RunIssued) -> TextCard:
    """To colleagues: what was issued and who will hear of it."""
    return _card(
        f"已出账：{short(letter.community)} {month(letter.period)}账单",
        [
            f"共 {letter.bills:,} 张账单，合计 {yuan(letter.total_fen)}",
            f"将通知 {letter.letters:,} 位业主",
            f"{letter.unreachable:,} 位业主没有绑定微信，请另行通知" if letter.unreachable else "",
        ],
        letter.link,
        "查看",
    )


@facts
class DeadReason:
    """Why some letters could not be delivered, in a clerk's words, and how many."""

    reason: str
    count: Count


@facts
class LettersDead:
    """Letters given up on since the last digest, most frequent reason first."""

    as_of: datetime
    count: Count
    reasons: list[DeadReason]
    link: str


@kind("letters.dead")
def letters_dead(letter: LettersDead) -> TextCard:
    """To colleagues: what did not arrive, why, and where to mend it."""
    return _card(
        f"{letter.count:,} 条消息没有送达",
        [
            f"截至 {moment(letter.as_of)}",
            *(f"{one.count:,} 条：{short(one.reason)}" for one in letter.reasons),
        ],
        letter.link,
        "去处理",
    )


@facts
class PressSend:
    """Mass messages that wait for this colleague. `as_of` makes two reminders differ."""

    owners: Count
    as_of: datetime

    tasks_page: ClassVar[str] = "工作台 › 客户联系 › 群发助手"


@kind("letters.press_send")
def press_send(letter: PressSend) -> Text:
    """To the colleague whose customers they are."""
    return Text(
        f"{letter.owners:,} 位业主的消息等您点发送。\n"
        f"请打开 {letter.tasks_page}，逐条点“发送”，业主才能收到。\n"
        f"（截至 {moment(letter.as_of)}）"
    )


def _dear(letter: BillIssued | PaymentReceived) -> str:
    """`【安居物业】您好，王先生/女士：`; a message of several letters says it once."""
    signs = plain(letter.sender).translate({ord(sign): None for sign in "【】：:"})
    head = f"【{fit(signs, SENDER_BYTES)}】" if signs else ""
    return f"{head}您好，{salutation(letter.name, company=letter.company)}："


def _card(title: str, parts: list[str], link: str, button: str) -> TextCard:
    shown = lines([part for part in parts if part], DESCRIPTION_BYTES)
    return TextCard(fit(title, TITLE_BYTES), shown, link, button)
