"""What can be wrong with one room's line: a code to store, a sentence to read. Never a zero."""

from typing import Any

from domain.errors import BackOfficeError
from domain.fees.calc.formula.errors import failure_sentence
from domain.fees.calc.units import MAX_AMOUNT_FEN

SENTENCES = {
    "reading_missing": "缺少本期或上期的读数，补录读数后再出账。",
    "reading_negative": "本期读数比上期小，请核对读数；表走满归零的请勾选“走满归零”。",
    "price_missing": "这段时间没有收费标准，请在费用项目里补上。",
    "area_missing": "房屋没有登记面积，请先补录面积。",
    "indoor_area_missing": "房屋没有登记套内面积，请先补录套内面积。",
    "amount_missing": "没有填写金额。",
    "share_missing": "公摊范围内没有可以分摊的房屋，请检查面积或权重。",
    "share_weight_missing": "房屋没有公摊权重或面积，请先补录。",
    "payer_missing": "这段时间没有缴费人，请登记业主或租户。",
    "amount_too_large": "算出的金额超过一亿元，请核对单价和数量。",
}


class LineProblem(BackOfficeError):
    """This room cannot be priced for this item; the other rooms can. `code` is in `SENTENCES`."""

    code = "line_problem"

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(SENTENCES[code], **facts)
        self.code = code


def sentence(code: str) -> str:
    """The Chinese sentence for a problem code, of a line or of a formula."""
    return SENTENCES.get(code) or failure_sentence(code)


def within_limit(amount_fen: int) -> int:
    """The amount itself, or `amount_too_large`."""
    if abs(amount_fen) > MAX_AMOUNT_FEN:
        raise LineProblem("amount_too_large", amount_fen=amount_fen)
    return amount_fen
