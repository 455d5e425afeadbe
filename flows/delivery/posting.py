"""Posting: envelopes go to WeCom over a few threads; each comes back with what happened."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from domain.letters.attempts import message_ids
from domain.letters.model import Channel
from domain.letters.pauses import Pause
from domain.session import transaction
from flows.delivery.envelopes import Envelope
from flows.delivery.postroom import PostRoom
from gateway.wecom import mass
from gateway.wecom.errors import Refused, Retry, Scope, Sent, backoff, verdict
from gateway.wecom.faults import WeComFault
from gateway.wecom.messages import ButtonCard, MassText, Text
from gateway.wecom.send import send_button_card, send_text, send_textcard


@dataclass(frozen=True)
class NotMade:
    """The call was not made: the channel fell silent before, or time was up."""


T = TypeVar("T")
Outcome = Sent | Retry | Refused | NotMade
Posted = tuple[Envelope, Outcome]


def post(
    room: PostRoom, channel: Channel, envelopes: Sequence[Envelope], trouble: Pause | None
) -> Iterator[Posted]:
    """Hand envelopes over; yields each as soon as all before it are done.

    The first answer that concerns the whole channel stops the rest.
    """
    round_ = _Round(room, trouble)
    if channel is Channel.MASS_MESSAGE:
        yield from round_.found_again([one for one in envelopes if one.since])
    left = [one for one in envelopes if one not in round_.found]
    with ThreadPoolExecutor(room.rules.threads, thread_name_prefix="post") as pool:
        try:
            yield from zip(left, pool.map(round_.hand_over, left), strict=True)
        finally:
            round_.stop.set()
            pool.shutdown(cancel_futures=True)


class _Round:
    """One posting: what its threads share."""

    def __init__(self, room: PostRoom, trouble: Pause | None) -> None:
        self.room, self.trouble = room, trouble
        self.stop = threading.Event()
        self.latest = time.monotonic() + room.rules.post_within.total_seconds()
        self.found: set[Envelope] = set()
        self.misses = 0

    def hand_over(self, envelope: Envelope) -> Outcome:
        """Make the call, unless the channel has fallen silent."""
        if not self._may_call():
            return NotMade()
        self.room.pace.wait()
        if not self._may_call():
            return NotMade()
        outcome = self._judged(lambda: self._send(envelope), envelope.tries)
        if isinstance(outcome, Retry | Refused) and outcome.scope is Scope.APP:
            self.stop.set()
        return outcome

    def found_again(self, envelopes: Sequence[Envelope]) -> Iterator[Posted]:
        """Mass messages whose first call did arrive: WeCom has no duplicate check, so we look.

        When looking fails too they wait; what is not found is simply sent.
        """
        if not envelopes:
            return
        outcome = self._judged(lambda: self._look_for(envelopes), tries=0)
        for envelope in envelopes:
            if isinstance(outcome, Retry | Refused):
                self.found.add(envelope)
                yield envelope, _unknown_still(outcome)
            elif msgid := outcome.get(_content(envelope)):
                self.found.add(envelope)
                yield envelope, Sent(msgid)

    def _may_call(self) -> bool:
        return not self.stop.is_set() and time.monotonic() < self.latest

    def _send(self, envelope: Envelope) -> Sent:
        message = envelope.message
        if isinstance(message, MassText):
            task = mass.send_mass(
                self.room.to_owners, sender=envelope.sender or "",
                customers=[envelope.receiver], message=message,
            )  # fmt: skip
            return Sent(task.msgid, invalid=task.fail_list)
        if isinstance(message, Text):
            return send_text(self.room.to_staff, [envelope.receiver], message)
        if isinstance(message, ButtonCard):
            return send_button_card(self.room.to_staff, envelope.receiver, message)
        return send_textcard(self.room.to_staff, [envelope.receiver], message)

    def _look_for(self, envelopes: Sequence[Envelope]) -> dict[str, str]:
        """The msgid of each text that WeCom has a task of which we did not hear."""
        with transaction(self.room.engine) as session:
            known = message_ids(session, {one.receiver for one in envelopes})
        wanted = {_content(one) for one in envelopes}
        found: dict[str, str] = {}
        since = min(one.since for one in envelopes if one.since)
        made = mass.made_between(self.room.to_owners, since=since, until=self.room.now())
        for msgid, content in made:
            if content in wanted and msgid not in known:
                found[content] = msgid
                if len(found) == len(wanted):
                    break
        return found

    def _judged(self, call: Callable[[], T], tries: int) -> T | Retry | Refused:
        """The call's answer, or what its fault means.

        A fault of the channel counts how often in a row the channel met it, one of the letter its
        tries.
        """
        try:
            answer = call()
        except WeComFault as fault:
            found = verdict(fault, attempt=tries + 1)
            if found.scope is Scope.APP:
                return verdict(fault, attempt=self._in_a_row(found.code))
            return self._or_away(found)
        self.misses = 0
        return answer

    def _or_away(self, found: Retry | Refused) -> Retry | Refused:
        """Many calls in a row without an answer, or none on a channel that rests, are WeCom's
        fault and not the letters': the channel rests, and no try is charged.
        """
        if isinstance(found, Refused):
            self.misses = 0
            return found
        self.misses += 1
        if self.trouble is None and self.misses < self.room.rules.away_after:
            return found
        after = backoff(self._in_a_row(found.code))
        return replace(found, scope=Scope.APP, after_seconds=after)

    def _in_a_row(self, code: int | None) -> int:
        """How often the channel has met just this fault, this time included."""
        if self.trouble is None or not self.trouble.met(code):
            return 1
        return self.trouble.times + 1


def _content(envelope: Envelope) -> str:
    assert isinstance(envelope.message, MassText)
    return envelope.message.content.strip()


def _unknown_still(outcome: Retry | Refused) -> Retry:
    """Looking failed: the first call may still have arrived."""
    after = outcome.after_seconds if isinstance(outcome, Retry) else 600
    return Retry(after, outcome.reason, outcome.code, outcome.scope, maybe_accepted=True)
