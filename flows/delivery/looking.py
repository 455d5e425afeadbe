"""Looking: have colleagues pressed send, and did the message reach the owner?"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.letters import attempts, channels, pauses, pressing, rack
from domain.letters.model import Channel, Outcome
from domain.letters.pressing import Part, Task
from domain.session import transaction
from flows.delivery.fates import Dead
from flows.delivery.postroom import BY, PostRoom, next_morning
from flows.delivery.tally import Tally
from gateway.wecom import mass
from gateway.wecom.errors import Refused, Retry, Scope, verdict
from gateway.wecom.faults import WeComFault
from gateway.wecom.mass import CustomerResult, Reached
from statemachines import letter as machine

LOST_FRIEND = Dead("not_a_friend", "业主已经删除了跟进员工；请让业主重新扫码添加，或打印纸质账单")
NOT_PRESSED = Dead("not_pressed", "员工一周没有点发送；请提醒他，或打印纸质账单")
HAD_ANOTHER = "业主当天已收到别的群发，改天再发"
MONTH_FULL = Dead("mass_full", "业主本月的群发已满，多次没有发出；请打印纸质账单或打电话")
PRESSED_SOON = timedelta(seconds=30)

Answer = list[CustomerResult] | Retry | Refused
Seen = tuple[Task, Answer]


def look(room: PostRoom, *, everything: bool = False) -> Tally:
    """Ask WeCom about tasks that are due to be asked about, or about all; a round at most."""
    at = room.now()
    with transaction(room.engine) as session:
        pause = pauses.standing(session).get(Channel.MASS_MESSAGE)
        if pause and pause.until > at:
            return Tally()
        if everything:
            tasks = pressing.due(session, at=None, limit=None)
        else:
            tasks = pressing.due(session, at=at, limit=room.rules.looks)
    if not tasks:
        return Tally()
    seen = list(zip(tasks, _ask_all(room, tasks), strict=True))
    with transaction(room.engine) as session:
        return _write(session, room, seen, room.now())


def _ask_all(room: PostRoom, tasks: Sequence[Task]) -> list[Answer]:
    """How each stands; the first answer that concerns all of them is not asked for again."""
    for_all: list[Answer] = []

    def ask(task: Task) -> Answer:
        if for_all:
            return for_all[0]
        room.pace.wait()
        answer = _ask(room, task)
        if isinstance(answer, Retry | Refused) and answer.scope is Scope.APP:
            for_all.append(answer)
        return answer

    with ThreadPoolExecutor(room.rules.threads, thread_name_prefix="look") as pool:
        return list(pool.map(ask, tasks))


def _ask(room: PostRoom, task: Task) -> Answer:
    """How it stands; a task nobody pressed in time is withdrawn first, so that it stays unsent."""
    try:
        answer = mass.mass_result(room.to_owners, task.message_id, task.sender)
        if _late(room, task) and _waits(answer):
            mass.cancel(room.to_owners, task.message_id)
        return answer
    except WeComFault as fault:
        return verdict(fault)


def _late(room: PostRoom, task: Task) -> bool:
    return room.now() - task.since >= room.rules.press_within


def _waits(answer: Sequence[CustomerResult]) -> bool:
    return all(one.status is Reached.WAITING for one in answer)


@dataclass
class _Found:
    """Parts of tasks by what became of them."""

    sent: defaultdict[datetime, list[Part]] = field(default_factory=lambda: defaultdict(list))
    another: list[Part] = field(default_factory=list)
    dead: defaultdict[Dead, list[Part]] = field(default_factory=lambda: defaultdict(list))
    waiting: set[str] = field(default_factory=set)
    pressing: set[str] = field(default_factory=set)


def _write(session: Session, room: PostRoom, seen: Sequence[Seen], at: datetime) -> Tally:
    parts: defaultdict[str, list[Part]] = defaultdict(list)
    for part in pressing.parts(session, [task.message_id for task, _ in seen]):
        parts[part.message_id].append(part)
    found = _Found()
    for task, answer in seen:
        _sort(room, found, task, answer, parts[task.message_id], at)
    tally = Tally()
    _write_sent(session, found, tally, at)
    _write_another(session, room, found, tally, at)
    _write_dead(session, found, tally, at)
    pressing.look_again(
        session, found.waiting, at=at, soonest=room.look_soonest, latest=room.rules.look_latest
    )
    soon = min(PRESSED_SOON, room.look_soonest)
    pressing.look_soon(session, found.pressing, by=at + soon)
    return tally


def _sort(
    room: PostRoom, found: _Found, task: Task, answer: Answer, parts: list[Part], at: datetime
) -> None:
    if isinstance(answer, Retry) or (isinstance(answer, Refused) and answer.scope is Scope.APP):
        found.waiting.add(task.message_id)
        return
    if isinstance(answer, Refused):
        found.dead[Dead(str(answer.code or "refused"), answer.reason)] += parts
        return
    results = {one.external_userid: one for one in answer}
    for part in parts:
        _sort_part(room, found, task, part, results.get(part.receiver), at)


def _sort_part(
    room: PostRoom,
    found: _Found,
    task: Task,
    part: Part,
    result: CustomerResult | None,
    at: datetime,
) -> None:
    status = result.status if result else Reached.WAITING
    if status is not Reached.WAITING:
        found.pressing.add(task.sender)
    match status:
        case Reached.SENT:
            found.sent[(result.at if result else None) or at].append(part)
        case Reached.NOT_A_FRIEND:
            found.dead[LOST_FRIEND].append(part)
        case Reached.HAD_ANOTHER:
            found.another.append(part)
        case Reached.WAITING if _late(room, task):
            found.dead[NOT_PRESSED].append(part)
        case Reached.WAITING:
            found.waiting.add(task.message_id)


def _write_sent(session: Session, found: _Found, tally: Tally, at: datetime) -> None:
    for sent_at, parts in found.sent.items():
        attempts.settle(session, _tries(parts), Outcome.SENT, at=sent_at)
        machine.deliver(session, _letters(parts), sent_at=sent_at, by=BY, at=at)
        rack.note_sent(session, _letters(parts), at=sent_at)
        tally.reached += len(parts)


def _write_another(
    session: Session, room: PostRoom, found: _Found, tally: Tally, at: datetime
) -> None:
    """Not today: the next morning, and in the end never."""
    if not found.another:
        return
    attempts.settle(
        session, _tries(found.another), Outcome.FAILED, at=at, code=attempts.HAD_ANOTHER,
        reply=HAD_ANOTHER,
    )  # fmt: skip
    letters = _letters(found.another)
    spent = rack.tried(session, letters, times=room.rules.most_tries - 1)
    tally.dead += machine.give_up(
        session, spent, code=MONTH_FULL.code, reason=MONTH_FULL.reason, by=BY, at=at
    )
    tally.later += machine.retry(
        session, set(letters) - set(spent), not_before=next_morning(at), by=BY, at=at,
        note=HAD_ANOTHER,
    )  # fmt: skip


def _write_dead(session: Session, found: _Found, tally: Tally, at: datetime) -> None:
    for dead, parts in found.dead.items():
        attempts.settle(session, _tries(parts), Outcome.FAILED, at=at, code=dead.code)
        tally.dead += machine.give_up(
            session, _letters(parts), code=dead.code, reason=dead.reason, by=BY, at=at
        )
        if dead is LOST_FRIEND:
            for part in parts:
                channels.mark_broken(session, part.receiver, part.sender, reason=dead.reason)


def _tries(parts: Sequence[Part]) -> list[int]:
    return [part.attempt_id for part in parts]


def _letters(parts: Sequence[Part]) -> list[int]:
    return [part.letter_id for part in parts]
