"""The sentence beside an amount, as owner and clerk read it."""

from datetime import date
from decimal import Decimal

import pytest

from domain.fees.calc import line
from domain.fees.calc.explain import why
from domain.fees.calc.formula import check
from domain.fees.calc.line import LineResult
from domain.fees.calc.periods import nth_period
from domain.fees.calc.proration import Segment, whole
from domain.fees.calc.shared import SharePart
from domain.fees.calc.tiers import ladder
from domain.fees.model import FeeBasis

D = Decimal
PERIOD = nth_period(date(2025, 11, 1), 1, 0)
NOVEMBER = whole(PERIOD)
QUARTER = nth_period(date(2025, 1, 15), 3, 0)
PART = Segment(QUARTER, date(2025, 1, 20), QUARTER.end)


@pytest.mark.parametrize(
    ("basis", "result", "told"),
    [
        (FeeBasis.INDOOR_AREA, line.indoor_area(NOVEMBER, price=D("1.800000"), area=D("72.30")),
         "1.80元 × 72.30㎡ = ¥130.14"),
        (FeeBasis.FIXED, line.fixed(PART, price=D("150")),
         "150元 × 1 × 2.8387个月（85天） = ¥425.81"),
        (FeeBasis.METERED, line.metered(NOVEMBER, use=D("100"), steps=ladder(D("0.6150"))),
         "100 × 0.615元 = ¥61.50"),
        (FeeBasis.METERED, line.metered(NOVEMBER, use=D(0), steps=ladder(D("0.61"))),
         "用量 0 = ¥0.00"),
        (FeeBasis.SHARED, line.shared(NOVEMBER, part=SharePart(57, None), weight=D("88.80"),
                                      total_fen=549_000),
         "公摊总额 ¥5,490.00，按 88.80 分摊 = ¥0.57"),
        (FeeBasis.FORMULA, line.formula(NOVEMBER, rule=check("100 + 20"), values={}),
         "公式 100 + 20 = ¥120.00"),
        (FeeBasis.ONE_OFF, line.one_off(NOVEMBER, amount_fen=30_000), "一次性费用 = ¥300.00"),
    ],
)  # fmt: skip
def test_the_sentence(basis: FeeBasis, result: LineResult, told: str) -> None:
    sentence = why(
        basis, amount_fen=result.amount_fen, quantity=result.quantity,
        unit_price=result.unit_price, days=result.days, period_days=result.period_days,
        detail=result.detail,
    )  # fmt: skip
    assert sentence == told
