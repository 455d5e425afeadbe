"""Mass messages to owners (客户群发): WeCom makes a task, and a colleague presses send.

"Accepted" is not "sent": ask `mass_task` who has pressed and `mass_result` whom it reached.
WeCom has no duplicate check here. After an unknown outcome look with `find_mass` before trying
again. Every function raises `WeComFault`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from gateway.wecom.client import Reply, WeComApp
from gateway.wecom.faults import Garbled, NotSendable
from gateway.wecom.messages import MassText

MAX_CUSTOMERS = 10_000
PAGE = 1000
LIST_PAGE = 100
MAX_PAGES = 100
LIST_PAGES = 1000
CLOCK_SKEW = timedelta(minutes=5)
ADD = "externalcontact/add_msg_template"


class Pressed(IntEnum):
    """Where a colleague stands with the task. Any other number proves nothing and is WAITING."""

    WAITING = 0
    SENT = 2

    @classmethod
    def _missing_(cls, _value: object) -> "Pressed":
        return cls.WAITING


class Reached(IntEnum):
    """Where one customer stands. Any other number proves nothing and is WAITING."""

    WAITING = 0
    SENT = 1
    NOT_A_FRIEND = 2
    HAD_ANOTHER = 3

    @classmethod
    def _missing_(cls, _value: object) -> "Reached":
        return cls.WAITING


@dataclass(frozen=True)
class MassTask:
    """An accepted task. `fail_list`: customers WeCom left out (limit, or not a customer)."""

    msgid: str
    fail_list: tuple[str, ...] = ()


@dataclass(frozen=True)
class StaffStep:
    """What a colleague did about the task, and when."""

    userid: str
    status: Pressed
    at: datetime | None


@dataclass(frozen=True)
class CustomerResult:
    """What became of the message to one customer, and when."""

    external_userid: str
    status: Reached
    at: datetime | None


def send_mass(
    app: WeComApp, *, sender: str, customers: Sequence[str], message: MassText
) -> MassTask:
    """Make the task for one colleague (`sender`) and up to 10,000 of his customers.

    Both are named explicitly: a task without customers would go to all he has.
    """
    if not 1 <= len(customers) <= MAX_CUSTOMERS:
        raise ValueError(f"1 to {MAX_CUSTOMERS} customers, not {len(customers)}")
    if not sender or not all(customers):
        raise NotSendable(ADD, "没有可以代发的员工，或业主还没有绑定企业微信")
    request = {
        "chat_type": "single",
        "external_userid": list(customers),
        "sender": sender,
        "text": {"content": message.content},
    }
    reply = app.call(ADD, request)
    return MassTask(str(reply["msgid"]), tuple(reply.get("fail_list") or ()))


def mass_task(app: WeComApp, msgid: str) -> list[StaffStep]:
    """Per colleague: has he pressed send."""
    steps = _pages(app, "externalcontact/get_groupmsg_task", {"msgid": msgid}, "task_list")
    return [StaffStep(step["userid"], Pressed(step["status"]), _sent_at(step)) for step in steps]


def mass_result(app: WeComApp, msgid: str, userid: str) -> list[CustomerResult]:
    """Per customer of that colleague: did the message reach him."""
    request = {"msgid": msgid, "userid": userid}
    results = _pages(app, "externalcontact/get_groupmsg_send_result", request, "send_list")
    return [
        CustomerResult(one["external_userid"], Reached(one["status"]), _sent_at(one))
        for one in results
    ]


def remind(app: WeComApp, msgid: str) -> None:
    """Remind the colleagues who have not pressed send; at most three times in 24 hours."""
    app.call("externalcontact/remind_groupmsg_send", {"msgid": msgid})


def cancel(app: WeComApp, msgid: str) -> None:
    """Stop what has not been sent yet."""
    app.call("externalcontact/cancel_groupmsg_send", {"msgid": msgid})


def find_mass(
    app: WeComApp, *, sender: str, message: MassText, since: datetime, until: datetime
) -> str | None:
    """The msgid of the task with this text for this colleague made in [since, until), if any.

    For use after an unknown outcome. Tasks made through the API carry no creator, so a task is
    known by its text, which holds the owner's own link, and by the colleague it waits for.
    Times are widened by five minutes for a clock that is off.
    """
    made = made_between(app, since=since, until=until)
    same = [msgid for msgid, content in made if content == message.content.strip()]
    return next((msgid for msgid in same if _is_for(app, msgid, sender)), None)


def made_between(app: WeComApp, *, since: datetime, until: datetime) -> Iterator[tuple[str, str]]:
    """(msgid, text) of the tasks made in [since, until), widened by five minutes; at most a month.

    Lazy: who has found what he sought asks for no further page.
    """
    request = {
        "chat_type": "single",
        "start_time": int((since - CLOCK_SKEW).timestamp()),
        "end_time": int((until + CLOCK_SKEW).timestamp()),
    }
    path = "externalcontact/get_groupmsg_list_v2"
    for task in _pages(app, path, request, "group_msg_list", LIST_PAGE, LIST_PAGES):
        yield str(task["msgid"]), _content(task)


def _is_for(app: WeComApp, msgid: str, sender: str) -> bool:
    return any(step.userid.lower() == sender.lower() for step in mass_task(app, msgid))


def _content(task: Reply) -> str:
    return str((task.get("text") or {}).get("content", "")).strip()


def _sent_at(row: Reply) -> datetime | None:
    stamp = int(row.get("send_time") or 0)
    return datetime.fromtimestamp(stamp, UTC) if stamp else None


def _pages(
    app: WeComApp,
    path: str,
    request: dict[str, Any],
    name: str,
    size: int = PAGE,
    most: int = MAX_PAGES,
) -> Iterator[Reply]:
    """All rows of a paged answer. A cursor that never ends is a fault, not an endless loop."""
    cursor = ""
    for _ in range(most):
        page = app.call(path, {**request, "limit": size, **({"cursor": cursor} if cursor else {})})
        yield from page.get(name) or ()
        cursor = str(page.get("next_cursor") or "")
        if not cursor:
            return
    raise Garbled(path, 200, maybe_accepted=False)
