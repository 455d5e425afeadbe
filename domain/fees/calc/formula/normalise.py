"""What people type, made plain: full-width characters, Chinese operators, capital letters."""

import unicodedata
from dataclasses import dataclass

from domain.fees.calc.formula.errors import FormulaSyntax, FormulaTooDeep, FormulaTooLong

MAX_LENGTH = 500
MAX_DEPTH = 20

_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "、": ",",
                        "≤": "<=", "≥": ">=", "≠": "<>"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plain:
    """Normalised text and, for each of its characters, the position (from 1) in what was typed."""

    text: str
    places: tuple[int, ...]

    def place(self, index: int) -> int:
        """Where a character of `text` was typed; the end of the text is its last character."""
        return self.places[min(index, len(self.places) - 1)]


def normalise(typed: str) -> Plain:
    """Plain text, or a refusal if it is empty, too long or too deep."""
    if len(typed) > MAX_LENGTH:
        raise FormulaTooLong(f"公式太长，最多 {MAX_LENGTH} 个字。", length=len(typed))
    letters: list[str] = []
    places: list[int] = []
    for position, letter in enumerate(typed, start=1):
        plain = unicodedata.normalize("NFKC", letter).translate(_SIGNS).lower()
        letters.append(plain)
        places.extend([position] * len(plain))
    plain_text = Plain("".join(letters), tuple(places))
    if not plain_text.text.strip():
        raise FormulaSyntax("公式不能为空。")
    _check_depth(plain_text)
    return plain_text


def _check_depth(plain: Plain) -> None:
    depth = 0
    for index, letter in enumerate(plain.text):
        depth += (letter == "(") - (letter == ")")
        if depth > MAX_DEPTH:
            told = f"括号套得太多，最多 {MAX_DEPTH} 层。"
            raise FormulaTooDeep(told, position=plain.place(index))
