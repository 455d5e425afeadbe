"""Who runs what when several processes share the tests: a file, or a group of files, is one piece.

What a file starts (a browser, a sandbox, a Prefect server) is then started once. The groups are
those of the `xdist_group` marks; xdist's own way to read them is lost on pytest 9.2, which takes no
other name for a test.
"""

import re
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[2]
GROUP = re.compile(r'xdist_group\("(\w+)"\)')
PREFECT = ExitStack()
"""The Prefect server of this process and the interpreter its runs grow from, while they run."""


class Pieces(LoadScopeScheduling):
    """Hands out pieces in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return piece(nodeid.partition("::")[0])


@cache
def piece(path: str) -> str:
    """The group a file belongs to, or the file."""
    marked = GROUP.search((ROOT / path).read_text(encoding="utf-8"))
    return marked[1] if marked else path


def long_ones_first(items: list[pytest.Item]) -> None:
    """Whole stacks and groups to the front: started last, they would leave the others idle."""
    items.sort(key=lambda item: not is_long(item))


def is_long(item: pytest.Item) -> bool:
    """Takes more than half a minute, together with what it is bound to."""
    path = item.nodeid.partition("::")[0]
    return item.get_closest_marker("stack") is not None or piece(path) != path


def is_last_of_prefect(nextitem: pytest.Item | None) -> bool:
    """Whether no test of the group "prefect" comes next: a piece is never interrupted."""
    return nextitem is None or piece(nextitem.nodeid.partition("::")[0]) != "prefect"
