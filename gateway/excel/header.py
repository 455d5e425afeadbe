"""Finding the header row by its words, and which column is which."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.excel.cells import squeezed
from gateway.excel.workbook import Cell

_BRACKETED = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|<.*?>")
_MARKS = str.maketrans("", "", "*:!。")

PLACE = {
    "community": "小区名称 小区 所属小区 项目名称 项目 社区 楼盘",
    "building": "楼栋 楼号 栋号 幢号 楼栋号 楼栋名称 楼幢 楼宇 楼座 栋 幢 座",
    "entrance": "单元 单元号 门栋 梯号 单元名称",
    "room": "房号 房间号 房屋编号 室号 房间 房屋号 房产编号 门牌号 户号 门号 房屋 房屋名称 室",
}


@dataclass(frozen=True)
class Schema:
    """What a kind of table is made of: the words of each column, best first, and which must be there.

    `key` names columns of which at least one must be found before a row counts as the header.
    `down` names columns whose merged cells speak for every row they span.
    """

    title: str
    words: Mapping[str, str]
    required: Sequence[tuple[str, ...]]
    key: frozenset[str]
    down: frozenset[str] = frozenset({"community", "building", "entrance"})
    ranks: dict[str, tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        ranks = {
            word: (name, rank)
            for name, words in self.words.items()
            for rank, word in enumerate(words.split())
        }
        object.__setattr__(self, "ranks", ranks)

    def label(self, name: str) -> str:
        """The plain word for a column, for sentences."""
        return self.words[name].split()[0]

    def missing(self, columns: Mapping[str, int]) -> list[str]:
        """Labels of required columns that are not there; alternatives are joined by 或."""
        return [
            "或".join(map(self.label, names))
            for names in self.required
            if not any(name in columns for name in names)
        ]


def columns_of(schema: Schema, values: Iterable[Cell]) -> dict[str, int]:
    """Column index by name, for a row read as a header. The better word wins, then the leftmost."""
    best: dict[str, tuple[int, int]] = {}
    for index, value in enumerate(values):
        if isinstance(value, str) and value and len(value) < 60:
            for name, rank in _meanings(schema, value):
                if name not in best or rank < best[name][0]:
                    best[name] = (rank, index)
    return {name: index for name, (_, index) in best.items()}


def is_header(schema: Schema, columns: Mapping[str, int]) -> bool:
    """A room column and at least two more, one of them telling for this kind of table."""
    return len(columns) >= 3 and "room" in columns and not schema.key.isdisjoint(columns)


def _meanings(schema: Schema, value: str) -> list[tuple[str, int]]:
    """What a heading may mean: without brackets, marks and numbering; `楼栋/楼号` means either."""
    plain = _BRACKETED.sub("", squeezed(value)).translate(_MARKS)
    found = [schema.ranks.get(word) for word in (plain, plain.rstrip("0123456789"))]
    found += [schema.ranks.get(word) for word in plain.split("/")]
    return [meaning for meaning in found if meaning][:1]
