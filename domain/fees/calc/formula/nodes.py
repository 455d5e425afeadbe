"""What a formula means, once read: a tree of numbers and conditions."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A literal; its denominator is a power of ten."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, by its name in the registry."""

    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms, each added (+1) or taken away (-1)."""

    terms: tuple[tuple[int, "Node"], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors, multiplied or divided from left to right; the first is always multiplied."""

    factors: tuple[tuple[Literal["*", "/"], "Node"], ...]


@dataclass(frozen=True, slots=True)
class Extreme:
    """The smallest or the largest."""

    which: Literal["min", "max"]
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Rounded:
    """To `digits` decimals: half away from zero, down or up."""

    how: Literal["round", "floor", "ceil"]
    item: "Node"
    digits: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison; the only boolean there is."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Choice:
    """Only the chosen side is computed, so only it can fail."""

    condition: Condition
    then: "Node"
    otherwise: "Node"


Node: TypeAlias = Number | Name | Sum | Product | Extreme | Rounded | Choice


def children(node: Node) -> list[Node]:
    """The numbers a number is made of."""
    match node:
        case Sum(parts):
            return [part for _, part in parts]
        case Product(parts):
            return [part for _, part in parts]
        case Extreme(_, items):
            return list(items)
        case Rounded(_, item, _):
            return [item]
        case Choice(condition, then, otherwise):
            return [condition.left, condition.right, then, otherwise]
        case Number() | Name():
            return []


def names(node: Node) -> Iterator[str]:
    """Every variable, as often as it is mentioned."""
    if isinstance(node, Name):
        yield node.name
    for child in children(node):
        yield from names(child)
