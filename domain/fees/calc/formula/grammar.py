"""The grammar, and syntax errors told in the clerk's language."""

from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from domain.fees.calc.formula.errors import FormulaSyntax
from domain.fees.calc.formula.normalise import Plain

GRAMMAR = r"""
start: _any
_any: compare | sum
compare: sum COMPARE sum
sum: product (SIGN product)*
product: signed (TIMES signed)*
signed: SIGN* _atom
_atom: number | name | call | group
number: NUMBER
name: WORD
call: WORD "(" [_any ("," _any)*] ")"
group: "(" _any ")"

COMPARE: "<=" | ">=" | "<>" | "!=" | "==" | "<" | ">" | "="
SIGN: "+" | "-"
TIMES: "*" | "/"
NUMBER: /([0-9]+(\.[0-9]*)?|\.[0-9]+)%?/
WORD: /[a-z_\u3400-\u9fff][a-z0-9_\u3400-\u9fff]*/
%ignore /\s+/
"""


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def parse(plain: Plain) -> Tree[Token]:
    """The syntax tree, or `FormulaSyntax` at the place where it stops making sense."""
    try:
        return _parser().parse(plain.text)
    except UnexpectedInput as wrong:
        raise _told(wrong, plain) from None


def _told(wrong: UnexpectedInput, plain: Plain) -> FormulaSyntax:
    if isinstance(wrong, UnexpectedCharacters):
        index = wrong.pos_in_stream or 0
        return FormulaSyntax(f"不能用“{plain.text[index]}”。", position=plain.place(index))
    if isinstance(wrong, UnexpectedToken) and wrong.token.type != "$END":
        index = wrong.token.start_pos or 0
        stray = wrong.token == ")" and plain.text.count(")") > plain.text.count("(")  # noqa: S105 - no secret
        hint = "多了，请删掉。" if stray else "写在这里看不懂，前面可能少了运算符或括号。"
        return FormulaSyntax(f"“{wrong.token}”{hint}", position=plain.place(index))
    hint = "少了右括号“)”" if _open(plain.text) else "公式没有写完"
    return FormulaSyntax(f"{hint}。", position=plain.place(len(plain.text)))


def _open(text: str) -> bool:
    return text.count("(") > text.count(")")
