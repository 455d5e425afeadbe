"""Letters become messages: facts looked up, links signed, several letters of one owner joined.

A letter is signed with the moment it was queued, so that it reads the same whenever it is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from domain.letters import contents
from domain.letters.contents import Facts
from domain.letters.rack import Due
from gateway.action_links import decide_link
from gateway.links import owner_link
from gateway.settings import Settings
from gateway.wecom.messages import MASS_BYTES, MassText, Message
from gateway.wecom.render import render

APPROVAL = "bill_run.awaiting_approval"
DESK_PAGES = {
    "bill_run.issued": "/desk/runs",
    "letters.dead": "/desk/letters",
}
GREETING_ENDS = "："
BAD_LETTER = (LookupError, TypeError, ValueError, ValidationError, DataError)
"""What a letter with wrong facts, or of a kind nobody writes, can raise."""


def look_up(session: Session, letters: Sequence[Due]) -> tuple[Facts, list[int]]:
    """What the letters say, and the ids of those nobody can write.

    All at once; one bad letter makes it one by one, so that it does not keep the others.
    """
    try:
        with session.begin_nested():
            return contents.look_up(session, letters), []
    except BAD_LETTER:
        return _one_by_one(session, letters)


def _one_by_one(session: Session, letters: Iterable[Due]) -> tuple[Facts, list[int]]:
    facts: Facts = {}
    bad = []
    for letter in letters:
        try:
            with session.begin_nested():
                facts |= contents.look_up(session, [letter])
        except BAD_LETTER:
            bad.append(letter.id)
    return facts, bad


def write(letter: Due, facts: Mapping[str, Any], settings: Settings) -> Message | None:
    """The message of a letter; None when it cannot be written."""
    try:
        return render(letter.kind, {**facts, **_link(letter, settings)})
    except BAD_LETTER:
        return None


def _link(letter: Due, settings: Settings) -> dict[str, str]:
    """The link of a letter; it names the letter, so that no two messages are alike.

    To an owner their own page, to an approver the page that decides, to others one of the desk's.
    """
    if letter.person_id is not None:
        link = owner_link(
            settings, person_id=letter.person_id, at=letter.queued_at, letter_id=letter.id
        )
        return {"link": link}
    if letter.kind == APPROVAL:
        nonce = f"letter {letter.id}"
        run = letter.facts["run"]
        return {"link": decide_link(settings, run, nonce=nonce, at=letter.queued_at)}
    page = DESK_PAGES.get(letter.kind)
    return {"link": f"{settings.base_url.rstrip('/')}{page}?letter={letter.id}"} if page else {}


def join(texts: Sequence[MassText]) -> tuple[MassText, int]:
    """As many texts as fit into one message, and how many those are; the owner is greeted once."""
    greeting, colon, _ = texts[0].content.partition(GREETING_ENDS)
    whole = texts[0].content
    for count, text in enumerate(texts[1:], start=1):
        longer = f"{whole}\n\n{text.content.removeprefix(f'{greeting}{colon}')}"
        if len(longer.encode()) > MASS_BYTES:
            return MassText(whole), count
        whole = longer
    return MassText(whole), len(texts)
