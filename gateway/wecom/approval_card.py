"""The card that asks for a decision on a bill run. `gateway.wecom.render` looks it up like the rest."""

from domain.money import yuan
from gateway.wecom.kinds import Count, Fen, facts, short
from gateway.wecom.messages import TITLE_BYTES, ButtonCard
from gateway.wecom.registry import kind
from gateway.wecom.words import change, fit, month

FIRST = "没有上期账单可比"
CLAIM = "claim"
"""The key of the button by which somebody says: I am at it."""


@facts
class AwaitingApproval:
    """A drafted run, for the person who decides. `attention`: entries to look at first."""

    community: str
    period: str
    bills: Count
    total_fen: Fen
    link: str
    previous_fen: Fen = 0
    attention: Count = 0


@kind("bill_run.awaiting_approval")
def awaiting_approval(letter: AwaitingApproval) -> ButtonCard:
    """To who approves: the numbers, where to decide, and a button that tells who is at it."""
    before = yuan(letter.previous_fen) if letter.previous_fen else FIRST
    moved = change(letter.total_fen, letter.previous_fen)
    return ButtonCard(
        fit(f"待审批：{short(letter.community)} {month(letter.period)}账单", TITLE_BYTES),
        "审批通过后才会出账并通知业主",
        [
            ("账单", f"{letter.bills:,} 张"),
            ("合计", yuan(letter.total_fen)),
            ("上期", f"{before}，{moved}" if letter.previous_fen else before),
            ("需要留意", f"{letter.attention:,} 处" if letter.attention else "没有"),
        ],
        letter.link,
        "查看并审批",
        "我来处理",
        CLAIM,
    )
