"""Letters to owners: one mass message a day at most, and one at a time waiting to be pressed.

What has come together for an owner goes out as one message: a receipt never takes the day's place
of a bill, it travels with it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.clock import local_day, start_of
from domain.letters import attempts, channels
from domain.letters.attempts import MassPast
from domain.letters.channels import Contact
from domain.letters.model import Channel
from domain.letters.rack import Due
from flows.delivery import writing
from flows.delivery.envelopes import Envelope
from flows.delivery.fates import Dead, Fate
from flows.delivery.postroom import PostRoom, next_morning
from gateway.wecom.limits import MassPolicy, mass_free_on
from gateway.wecom.messages import MassText, Message

NO_CONTACT = Dead("no_channel", "业主还没有绑定企业微信，请打印纸质账单，或让业主扫房间码绑定")
Pile = list[tuple[Due, MassText]]


def decide(
    session: Session,
    room: PostRoom,
    written: Sequence[tuple[Due, Message]],
    fate: Fate,
    *,
    at: datetime,
) -> list[Envelope]:
    """An envelope per owner who may get a message today; the others' letters lie."""
    known = channels.of_people(session, {one.person_id for one, _ in written if one.person_id})
    piles: dict[str, Pile] = {}
    contacts: dict[str, Contact] = {}
    for letter, message in written:
        contact = known.get(letter.person_id or 0)
        if contact is None or contact.broken_reason:
            fate.dead[_why(contact)].append(letter.id)
            continue
        assert isinstance(message, MassText), f"{letter.kind} is not written for owners"
        contacts.setdefault(contact.external_userid, contact)
        piles.setdefault(contact.external_userid, []).append((letter, message))
    past = attempts.mass_past(session, piles, at=at)
    envelopes = []
    for customer, pile in piles.items():
        free_at = _free_at(past[customer], room.mass, at)
        if free_at > at:
            fate.held[free_at] += [letter.id for letter, _ in pile]
        else:
            envelopes.append(_envelope(contacts[customer], pile, fate, at))
    return envelopes


def _why(contact: Contact | None) -> Dead:
    if contact is None:
        return NO_CONTACT
    return Dead("channel_broken", contact.broken_reason or NO_CONTACT.reason)


def _free_at(past: MassPast, policy: MassPolicy, at: datetime) -> datetime:
    """When the owner may get the next mass message; `at` means now."""
    if past.waiting:
        return next_morning(at)
    today = local_day(at)
    day = mass_free_on(past.days, on=today, policy=policy)
    return at if day == today else next_morning(start_of(day - timedelta(days=1)))


def _envelope(contact: Contact, pile: Pile, fate: Fate, at: datetime) -> Envelope:
    """The owner's letters in one message, oldest first; what does not fit goes tomorrow."""
    pile = sorted(pile, key=lambda one: one[0].id)
    message, count = writing.join([text for _, text in pile])
    letters = [letter for letter, _ in pile]
    if count < len(letters):
        fate.held[next_morning(at)] += [letter.id for letter in letters[count:]]
    return Envelope(
        Channel.MASS_MESSAGE, contact.external_userid, contact.follower, message,
        letters=tuple(letter.id for letter in letters[:count]),
        tries=max(letter.tries for letter in letters[:count]),
    )  # fmt: skip
