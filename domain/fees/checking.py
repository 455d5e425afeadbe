"""What a fee item, a price or a rate must look like before it is saved: refusals, in words."""

from decimal import Decimal
from typing import Any

from domain.errors import Invalid
from domain.fees.calc import formula
from domain.fees.calc.periods import CYCLES
from domain.fees.model import FeeBasis

MOST_YUAN = Decimal(10) ** 8
MOST_QUANTITY = Decimal(10) ** 12
NAME_LENGTH = 40

NEEDS = {
    FeeBasis.METERED: ("meter_kind", "抄表费用要说明是哪种表"),
    FeeBasis.SHARED: ("share_by", "公摊费用要说明按什么分摊"),
    FeeBasis.FORMULA: ("formula", "公式费用要写公式"),
}
"""What a basis cannot do without; no other basis may have it."""


def item(*, code: str, name: str, basis: FeeBasis, how: dict[str, Any]) -> None:
    """Refuse a fee item that could not be billed. A formula is read, with all its refusals."""
    for word, text in (("代号", code), ("名称", name)):
        if not text.strip() or len(text) > NAME_LENGTH:
            raise Invalid(f"费用项目的{word}要有 1 到 {NAME_LENGTH} 个字")
    if how.get("cycle_months", 1) not in CYCLES:
        raise Invalid(f"周期只能是 {'、'.join(map(str, CYCLES))} 个月")
    for owner, (field, sentence) in NEEDS.items():
        if basis is owner and field != "formula" and how.get(field) is None:
            raise Invalid(sentence)
        if basis is not owner and how.get(field) is not None:
            raise Invalid(f"{sentence.partition('要')[0]}才有这一项，请去掉或改计费方式")
    if basis is not FeeBasis.METERED and how.get("tier_period") is not None:
        raise Invalid("抄表费用才有阶梯，请去掉或改计费方式")
    if basis is FeeBasis.FORMULA:
        formula.check(str(how.get("formula") or ""))


def price(yuan: Decimal) -> None:
    """Refuse a unit price that is negative, absurd, or finer than what is kept."""
    if not 0 <= yuan < MOST_YUAN or places(yuan) > 6:
        raise Invalid("单价应在 0 到 1 亿元之间，最多 6 位小数")


def rate(value: Decimal, name: str, *, whole: bool = False) -> None:
    """Refuse what is no share of one; `whole`: all of it is possible."""
    if not 0 <= value <= 1 or (value == 1 and not whole) or places(value) > 6:
        raise Invalid(f"{name}要写成 0 到 1 之间的小数，如 0.06，最多 6 位小数")


def quantity(value: Decimal, name: str) -> None:
    """Refuse a quantity that is negative, absurd, or finer than what is kept."""
    if not 0 <= value < MOST_QUANTITY or places(value) > 4:
        raise Invalid(f"{name}不能是负数，最多 4 位小数")


def places(value: Decimal) -> int:
    """How many decimals a finite number has, trailing zeros aside."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
