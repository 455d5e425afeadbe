"""What a run may have to tell about a room: a code to store and a sentence for the clerk."""

from domain.fees.calc import problems as of_lines
from domain.fees.calc.formula import errors as of_formulas
from domain.fees.calc.formula.names import VARIABLES

ROOM_FAILED = "room_failed"
BILL_NEGATIVE = "bill_negative"
PAYER_MISSING = "payer_missing"
BILLED_SINCE = "billed_since"

OURS = {
    ROOM_FAILED: "这套房屋的数据无法计算，没有出账，请核对面积、单价、读数和倍率后联系管理员。",
    BILLED_SINCE: "后面的月份已经接着这只表的读数出过账，这个月不能单独补；要补请先红冲后面月份的账单。",
    BILL_NEGATIVE: "应退的金额比应收的多，这项费用本期没有出，请核对读数；其余费用照常出账，退费从下期账单里扣。",
}
UNREADABLE = "公式有误，无法计算，请在费用项目里改正公式。"


def sentences() -> dict[str, str]:
    """Every problem code that drafting can meet, with its Chinese sentence."""
    refusals = of_formulas.FormulaError.__subclasses__()
    missing = [of_formulas.missing(name) for name in VARIABLES]
    codes = [*of_lines.SENTENCES, *of_formulas.FAILURES, *missing]
    return {
        **dict.fromkeys([refusal.code for refusal in refusals], UNREADABLE),
        of_formulas.FormulaError.code: UNREADABLE,
        **{code: of_lines.sentence(code) for code in codes},
        **OURS,
    }
