"""Finding people by their names."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from domain.people.model import Person


def named(session: Session, words: str, *among: ColumnElement[bool]) -> ColumnElement[bool]:
    """Names that begin with the words (an index answers), or hold them where none begins so.

    `among`: whose names are looked at; the answer is about them, and does not say so again.
    """
    begins = Person.name.startswith(words, autoescape=True)
    if session.scalar(select(select(Person.id).where(begins, *among).exists())):
        return begins
    return Person.name.contains(words, autoescape=True)
