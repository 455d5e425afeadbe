"""Finding people by their names."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from domain.people.model import Person

SIGNS = func.string_to_array(Person.name, null(), type_=ARRAY(Text))
"""The signs of a name, each by itself: an index on them finds whom a name may hold, however short
the words (`ix_person_signs`).
"""


def named(session: Session, words: str, *among: ColumnElement[bool], most: int) -> Sequence[int]:
    """Ids of people whose names begin with the words, then of those that hold them, each by name.

    `among`: whose names are looked at. Never more than `most`; where as many begin with the words,
    an index has answered and no other name is read.
    """
    begins = Person.name.startswith(words, autoescape=True)
    holds = Person.name.contains(words, autoescape=True)
    asked = select(Person.id).where(*among).order_by(Person.name, Person.id)
    found = list(session.scalars(asked.where(begins).limit(most)))
    rest = most - len(found)
    if not rest:
        return found
    return found + list(session.scalars(asked.where(may_hold(words), holds, ~begins).limit(rest)))


def may_hold(words: str) -> ColumnElement[bool]:
    """Names with every sign of the words, in any order: those that hold the words are among them."""
    return SIGNS.contains(literal(sorted(set(words)), ARRAY(Text)))
