"""The words a formula may use: variables with their meaning, functions with their arguments."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """A number that each room supplies."""

    name: str
    chinese: str
    unit: str
    meaning: str
    time: bool = False
    """Counts time: a formula that uses it says itself how months or days count."""


_VARIABLES = (
    Variable("area", "建筑面积", "㎡", "房屋的建筑面积"),
    Variable("indoor_area", "套内面积", "㎡", "房屋的套内面积"),
    Variable("price", "单价", "元", "当期收费标准的单价"),
    Variable("quantity", "数量", "", "登记的收费数量，如车位数"),
    Variable("weight", "权重", "", "公摊权重"),
    Variable("days", "天数", "天", "这一行账单包含的天数", time=True),
    Variable("period_days", "周期天数", "天", "整个计费周期的天数", time=True),
    Variable("months", "月数", "月", "整月算 1，不足一月按 天数 ÷ 当月天数", time=True),
)
VARIABLES = {variable.name: variable for variable in _VARIABLES}
VARIABLE_WORDS = {word: v.name for v in _VARIABLES for word in (v.name, v.chinese)}

FUNCTION_WORDS = {
    "if": "if", "如果": "if",
    "min": "min", "最小": "min",
    "max": "max", "最大": "max",
    "round": "round", "四舍五入": "round",
    "floor": "floor", "向下取整": "floor", "取整": "floor",
    "ceil": "ceil", "向上取整": "ceil",
}  # fmt: skip
USAGE = {
    "if": "如果(条件, 成立时的数, 不成立时的数)",
    "min": "最小(数, 数, …)",
    "max": "最大(数, 数, …)",
    "round": "四舍五入(数, 小数位数)",
    "floor": "取整(数)",
    "ceil": "向上取整(数)",
}
ARGUMENTS = {"if": (3, 3), "min": (2, 20), "max": (2, 20), "round": (2, 2), "floor": (1, 1),
             "ceil": (1, 1)}  # fmt: skip
