"""Finding people by their names."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from domain.people.model import Person


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
    return found + list(session.scalars(asked.where(holds, ~begins).limit(rest))) if rest else found
