"""docs/lifecycles.md, drawn from the machines: `python -m statemachines.diagrams` rewrites it."""

import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from transitions import Transition

import statemachines
from statemachines.engine import Lifecycle

PAGE = Path(__file__).parents[1] / "docs" / "lifecycles.md"

HEAD = """\
# Lifecycles · 状态与动作

Drawn from the machines in `statemachines/` by `python -m statemachines.diagrams`; a test keeps this
page current. Every status is followed by the verbs that may leave it. Nothing else is possible: a
verb that is not listed under a status is refused, in Chinese, and changes nothing.
"""


class Move(NamedTuple):
    """One arrow: from a status, by a verb, to a status, if the guards agree."""

    source: StrEnum
    verb: str
    dest: StrEnum
    guards: tuple[str, ...]


def lifecycles() -> list[Lifecycle]:
    """Every lifecycle of the package, by module name."""
    found: dict[int, Lifecycle] = {}
    for module in pkgutil.iter_modules(statemachines.__path__):
        if f"{statemachines.__name__}.{module.name}" == __spec__.name:
            continue
        for value in vars(import_module(f"statemachines.{module.name}")).values():
            if isinstance(value, Lifecycle):
                found.setdefault(id(value), value)
    return list(found.values())


def moves(life: Lifecycle) -> list[Move]:
    """The arrows of a lifecycle, in the order of its statuses, then of its verbs."""
    return [
        _move(life, verb, transition)
        for status in life.status_names
        for verb in life.verb_names
        for transition in life.machine.events[verb].transitions.get(status.name, [])
    ]


def page(lives: list[Lifecycle]) -> str:
    """The whole of docs/lifecycles.md."""
    return "\n".join([HEAD, *(_chapter(life) for life in lives)])


def main() -> None:
    """Rewrite docs/lifecycles.md."""
    PAGE.write_text(page(lifecycles()), "utf-8")


def _move(life: Lifecycle, verb: str, transition: Transition) -> Move:
    assert transition.dest is not None, "a verb always leads somewhere"
    by_name = {status.name: status for status in life.status_names}
    guards = tuple(_guard(condition.func) for condition in transition.conditions)
    return Move(by_name[transition.source], verb, by_name[transition.dest], guards)


def _guard(function: object) -> str:
    if isinstance(function, str):
        return function
    return str(getattr(function, "says", None) or getattr(function, "__name__", function))


def _chapter(life: Lifecycle) -> str:
    arrows = moves(life)
    parts = [
        f"## {life.title} · `{life.model.__tablename__}`\n",
        *_fenced("text", _tree(life, arrows)),
        *_fenced("mermaid", _mermaid(life, arrows)),
    ]
    return "\n".join(parts)


def _fenced(language: str, lines: Iterator[str]) -> list[str]:
    return [f"```{language}", *lines, "```\n"]


def _tree(life: Lifecycle, arrows: list[Move]) -> Iterator[str]:
    first = next(iter(life.status_names))
    for status, name in life.status_names.items():
        leaving = [arrow for arrow in arrows if arrow.source == status]
        marks = ["起点"] * (status == first) + ["终点"] * (not leaving)
        yield f"{name} {status.value}" + (f"（{'、'.join(marks)}）" if marks else "")
        for arrow in leaving:
            yield f"  {_verb(life, arrow)} ──> {life.status_names[arrow.dest]} {arrow.dest.value}"


def _mermaid(life: Lifecycle, arrows: list[Move]) -> Iterator[str]:
    yield "stateDiagram-v2"
    for status, name in life.status_names.items():
        yield f'    state "{name} {status.value}" as {status.value}'
    yield f"    [*] --> {next(iter(life.status_names)).value}"
    for arrow in arrows:
        yield f"    {arrow.source.value} --> {arrow.dest.value} : {_verb(life, arrow)}"


def _verb(life: Lifecycle, arrow: Move) -> str:
    name = f"{life.verb_names[arrow.verb]} {arrow.verb}"
    return f"{name}（否则：{'；'.join(arrow.guards)}）" if arrow.guards else name


if __name__ == "__main__":
    main()
