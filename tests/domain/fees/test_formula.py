"""The formula language as a person types it: what is read, what is refused, and where."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BackOfficeError
from domain.fees.calc.formula import FormulaError, FormulaFailed, check
from domain.fees.calc.formula.names import FUNCTION_WORDS, VARIABLE_WORDS

D = Decimal
ROOM: dict[str, Decimal | int | Fraction | None] = {
    "area": D("89.5"), "indoor_area": D("72.3"), "price": D("2.5"), "quantity": D(2),
    "weight": D(0), "days": 12, "period_days": 30, "months": Fraction(12, 30),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("建筑面积*单价", "223.75"),
        ("area * price", "223.75"),
        ("Area * PRICE", "223.75"),
        ("（建筑面积－套内面积）×单价", "43"),
        ("１００÷３×３", "100"),
        ("10 - 2 - 3", "5"),
        ("12 / 2 / 3", "2"),
        ("2 + 3 * 4", "14"),
        ("-(2 + 3) + 6", "1"),
        ("--2 + +1", "3"),
        ("建筑面积 * 70%", "62.65"),
        ("如果(建筑面积 > 90, 300, 200)", "200"),
        ("如果（建筑面积≤９０，300，200）", "300"),
        ("if(数量 = 2, 1, 0) + if(数量 == 2, 1, 0)", "2"),
        ("if(数量 <> 2, 1, 0) + if(数量 ≠ 3, 1, 0)", "1"),
        ("最小(建筑面积, 80, 100)", "80"),
        ("最大(0, 套内面积 - 100)", "0"),
        ("四舍五入(套内面积 / 7, 2)", "10.33"),
        ("round(-2.5, 0)", "-3"),
        ("取整(-0.5) + 向上取整(0.2)", "0"),
        ("如果(权重 = 0, 5, 单价 / 权重)", "5"),
        ("建筑面积 * 单价 * 月数", "89.5"),
        (".5 + 1.", "1.5"),
    ],
)
def test_what_a_formula_gives(text: str, yuan: str) -> None:
    assert check(text).value(ROOM) == Fraction(yuan)


@pytest.mark.parametrize(
    ("text", "code", "position", "told"),
    [
        ("", "formula_syntax", None, "不能为空"),
        ("　 ", "formula_syntax", None, "不能为空"),
        ("建筑面积 *", "formula_syntax", 6, "没有写完"),
        ("(建筑面积", "formula_syntax", 5, "少了右括号"),
        ("建筑面积)", "formula_syntax", 5, "多了"),
        ("建筑面积 单价", "formula_syntax", 6, "少了运算符"),
        ("2建筑面积", "formula_syntax", 2, "少了运算符"),
        ("1 + * 2", "formula_syntax", 5, "看不懂"),
        ("单价 # 2", "formula_syntax", 4, "不能用“#”"),
        ("单价; DROP TABLE bill", "formula_syntax", 3, "不能用“;”"),
        ("1234567890123", "formula_syntax", 1, "位整数"),
        ("0.1234567", "formula_syntax", 1, "位小数"),
        ("如果 + 1", "formula_syntax", 1, "要写成 如果(条件"),
        ("1 < 2 < 3", "formula_syntax", 7, "看不懂"),
        ("建筑面积 * 单介", "formula_unknown_name", 8, "是不是“单价”"),
        ("__import__(1)", "formula_unknown_name", 1, "不认识"),
        ("sqrt(4)", "formula_unknown_name", 1, "不认识“sqrt”"),
        ("单价 > 1", "formula_type", 1, "不能是比较"),
        ("(单价 > 1) * 5", "formula_type", 1, "不能是比较"),
        ("如果(单价, 1, 2)", "formula_type", 4, "要一个条件"),
        ("如果(单价 > 1, 2 > 1, 2)", "formula_type", 12, "不能是比较"),
        ("如果(单价 > 1, 2)", "formula_arguments", 1, "要写成"),
        ("最大(1)", "formula_arguments", 1, "要写成"),
        ("取整()", "formula_arguments", 1, "要写成"),
        ("四舍五入(单价, 单价)", "formula_arguments", 10, "小数位数"),
        ("四舍五入(单价, 7)", "formula_arguments", 10, "小数位数"),
        ("单价 / 0", "formula_division_by_zero", 6, "不能除以 0"),
        ("单价 / (2 - 1 × 2)", "formula_division_by_zero", 6, "不能除以 0"),
        ("1+" * 250 + "1", "formula_too_long", None, "500"),
        ("(" * 21 + "1" + ")" * 21, "formula_too_deep", 21, "20 层"),
        ("如果(" * 18 + "单价" + ">0,1/单价,2)" * 18, "formula_too_deep", None, "太复杂"),
    ],
)
def test_what_is_refused_when_saved(text: str, code: str, position: int | None, told: str) -> None:
    with pytest.raises(FormulaError) as refused:
        check(text)
    assert isinstance(refused.value, BackOfficeError)
    assert (refused.value.code, refused.value.facts["position"]) == (code, position)
    assert told in refused.value.message


@pytest.mark.parametrize(
    ("text", "values", "code"),
    [
        ("套内面积 * 2", {"indoor_area": None}, "formula_missing.indoor_area"),
        ("套内面积 * 2", {}, "formula_missing.indoor_area"),
        ("单价 / 权重", {}, "formula_missing.price"),
        ("单价 / 权重", ROOM, "formula_division_by_zero"),
        ("如果(权重 > 0, 1, 单价 / 权重)", ROOM, "formula_division_by_zero"),
        ("单价 - 100", ROOM, "formula_negative"),
        ("单价 * 100000000", ROOM, "formula_too_large"),
    ],
)
def test_what_fails_for_one_room(text: str, values: dict[str, Decimal | None], code: str) -> None:
    with pytest.raises(FormulaFailed) as failed:
        check(text).amount_fen(values)
    assert failed.value.code == code
    assert failed.value.message.startswith(("公式", "房屋"))


def test_a_formula_knows_its_words_and_whether_it_counts_time() -> None:
    assert check(" 建筑面积 * price + 单价 ").names == {"area", "price"}
    assert check(" 建筑面积 * price ").text == "建筑面积 * price"
    assert check("建筑面积 * 单价").per_month
    assert not check("建筑面积 * 单价 * 天数 / 周期天数").per_month
    assert not check("建筑面积 * 单价 * 月数").per_month


WORDS = [*VARIABLE_WORDS, *FUNCTION_WORDS, *"+-*/()<>=,%.# ，（）×÷≤", "1", "0", "2.5", "%s", "'"]


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        found = check(text)
    except FormulaError as refused:
        told = refused.message
    else:
        sql = found.sql({name: name for name in found.names})
        told = sql.amount_fen + sql.error + "。"
    assert told.endswith(("。", "？"))
    # No bind parameters by accident, whichever way the text is run.
    assert "%(" not in told
