"""Letters in figures."""

from datetime import timedelta

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from domain.letters.model import Letter, LetterAttempt, LetterStatus, Outcome

A_MOMENT = timedelta(minutes=1)


def owner_letters(session: Session) -> dict[str, int]:
    """How many letters to owners stand where.

    `awaiting_staff`: WeCom has them, a colleague has not pressed send yet. `held`: a limit lets
    them go another day.
    """
    handed_over = exists().where(
        LetterAttempt.letter_id == Letter.id, LetterAttempt.outcome == Outcome.AWAITING_STAFF
    )
    untried, postponed = Letter.tries == 0, Letter.not_before > Letter.queued_at + A_MOMENT
    place = case(
        ((Letter.status == LetterStatus.SENDING) & handed_over, "awaiting_staff"),
        ((Letter.status == LetterStatus.QUEUED) & untried & postponed, "held"),
        else_=Letter.status,
    )
    rows = session.execute(
        select(place, func.count()).where(Letter.person_id.is_not(None)).group_by(place)
    )
    return {str(name): int(count) for name, count in rows}


def first_told(session: Session, *, kind: str) -> str | None:
    """The receiver of the first letter of a kind that reached somebody."""
    return session.scalar(
        select(LetterAttempt.receiver)
        .join(Letter, Letter.id == LetterAttempt.letter_id)
        .where(Letter.kind == kind, LetterAttempt.outcome == Outcome.SENT)
        .order_by(Letter.id)
        .limit(1)
    )
