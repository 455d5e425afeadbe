"""From syntax to meaning: names are looked up, types and arguments are checked."""

from collections.abc import Callable
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal, cast

from lark import Token, Tree

from domain.fees.calc.formula.errors import (
    FormulaArguments,
    FormulaDivisionByZero,
    FormulaSyntax,
    FormulaType,
    FormulaUnknownName,
)
from domain.fees.calc.formula.evaluate import value
from domain.fees.calc.formula.names import ARGUMENTS, FUNCTION_WORDS, USAGE, VARIABLE_WORDS
from domain.fees.calc.formula.nodes import (
    Choice,
    Condition,
    Extreme,
    Name,
    Node,
    Number,
    Product,
    Rounded,
    Sum,
    names,
)
from domain.fees.calc.formula.normalise import Plain

MAX_DIGITS = 12
MAX_DECIMALS = 6
_SAME = {"==": "=", "!=": "<>"}


class Builder:
    """Reads one formula; holds only the text, for positions."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain

    def number(self, tree: Tree[Token]) -> Node:
        """A tree that must be a number."""
        found = self._any(tree)
        if isinstance(found, Condition):
            raise FormulaType("这里要一个数，不能是比较。", position=self._place(tree))
        return found

    def condition(self, tree: Tree[Token]) -> Condition:
        """A tree that must be a condition."""
        found = self._any(tree)
        if not isinstance(found, Condition):
            raise FormulaType("这里要一个条件，如 建筑面积 > 90。", position=self._place(tree))
        return found

    def _any(self, tree: Tree[Token]) -> Node | Condition:
        read: Callable[[Tree[Token]], Node | Condition] = getattr(self, f"_{tree.data}")
        return read(tree)

    def _start(self, tree: Tree[Token]) -> Node | Condition:
        return self._any(_trees(tree)[0])

    _group = _start

    def _compare(self, tree: Tree[Token]) -> Condition:
        left, sign, right = tree.children
        operator = _SAME.get(str(sign), str(sign))
        return Condition(
            operator, self.number(cast(Tree[Token], left)), self.number(cast(Tree[Token], right))
        )

    def _sum(self, tree: Tree[Token]) -> Node | Condition:
        if len(tree.children) == 1:
            return self._any(_trees(tree)[0])
        signs = [1, *(1 if sign == "+" else -1 for sign in _tokens(tree))]
        terms = [self.number(term) for term in _trees(tree)]
        return Sum(tuple(zip(signs, terms, strict=True)))

    def _product(self, tree: Tree[Token]) -> Node | Condition:
        if len(tree.children) == 1:
            return self._any(_trees(tree)[0])
        signs = ["*", *(str(sign) for sign in _tokens(tree))]
        factors: list[tuple[Literal["*", "/"], Node]] = []
        for sign, factor in zip(signs, _trees(tree), strict=True):
            node = self.number(factor)
            if sign == "/" and not set(names(node)) and value(node, {}) == 0:
                raise FormulaDivisionByZero("不能除以 0。", position=self._place(factor))
            factors.append(("/" if sign == "/" else "*", node))
        return Product(tuple(factors))

    def _signed(self, tree: Tree[Token]) -> Node | Condition:
        signs = [str(sign) for sign in _tokens(tree)]
        if not signs:
            return self._any(_trees(tree)[0])
        node = self.number(_trees(tree)[0])
        return Sum(((-1, node),)) if signs.count("-") % 2 else node

    def _number(self, tree: Tree[Token]) -> Number:
        text = str(_tokens(tree)[0])
        digits, _, decimals = text.rstrip("%").partition(".")
        if len(digits) > MAX_DIGITS or len(decimals) > MAX_DECIMALS:
            raise FormulaSyntax(
                f"数字最多 {MAX_DIGITS} 位整数、{MAX_DECIMALS} 位小数。", position=self._place(tree)
            )
        number = Fraction(f"{digits or 0}.{decimals or 0}")
        return Number(number / 100 if text.endswith("%") else number)

    def _name(self, tree: Tree[Token]) -> Name:
        word = str(_tokens(tree)[0])
        if word in FUNCTION_WORDS:
            usage = USAGE[FUNCTION_WORDS[word]]
            raise FormulaSyntax(f"“{word}”要写成 {usage}。", position=self._place(tree))
        if word not in VARIABLE_WORDS:
            raise self._unknown(tree, word, list(VARIABLE_WORDS))
        return Name(VARIABLE_WORDS[word])

    def _call(self, tree: Tree[Token]) -> Node:
        word = str(_tokens(tree)[0])
        if word not in FUNCTION_WORDS:
            raise self._unknown(tree, word, list(FUNCTION_WORDS))
        function, items = FUNCTION_WORDS[word], _trees(tree)
        fewest, most = ARGUMENTS[function]
        if not fewest <= len(items) <= most:
            told = f"“{word}”要写成 {USAGE[function]}。"
            raise FormulaArguments(told, position=self._place(tree))
        return self._function(function, items)

    def _function(self, function: str, items: list[Tree[Token]]) -> Node:
        match function:
            case "if":
                condition = self.condition(items[0])
                return Choice(condition, self.number(items[1]), self.number(items[2]))
            case "min" | "max":
                return Extreme(function, tuple(self.number(item) for item in items))
            case "round":
                return Rounded("round", self.number(items[0]), self._digits(items[1]))
            case "floor" | "ceil":
                return Rounded(function, self.number(items[0]), 0)
        raise AssertionError(function)

    def _digits(self, tree: Tree[Token]) -> int:
        node = self.number(tree)
        if not isinstance(node, Number) or node.value not in range(MAX_DECIMALS + 1):
            raise FormulaArguments(
                f"小数位数要写成 0 到 {MAX_DECIMALS} 的整数。", position=self._place(tree)
            )
        return int(node.value)

    def _unknown(self, tree: Tree[Token], word: str, known: list[str]) -> FormulaUnknownName:
        close = get_close_matches(word, known, n=1, cutoff=0.4)
        hint = f"，是不是“{close[0]}”" if close else ""
        return FormulaUnknownName(
            f"不认识“{word}”{hint}？" if hint else f"不认识“{word}”。",
            position=self._place(tree),
            name=word,
        )

    def _place(self, tree: Tree[Token]) -> int:
        return self.plain.place(tree.meta.start_pos)


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _tokens(tree: Tree[Token]) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]
