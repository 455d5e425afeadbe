"""投递消息: one deliverer, always alive; a run ends after a day and the schedule starts the next.

Nothing is asked of Prefect's server while there is nothing to do; a task run is a batch of up to
500 letters. The rack in our database is the truth: a run that is killed loses nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import TerminationSignal
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed
from pydantic import BaseModel, Field

from flows.delivery import rounds, service
from flows.delivery.postroom import PostRoom
from flows.delivery.tally import Tally
from flows.faults import quoting_nobody
from flows.office import engine
from gateway.settings import settings
from gateway.wecom.words import moment

PAGE_EVERY = timedelta(minutes=1)
log = logging.getLogger("wuye.deliver")


class DeliverForm(BaseModel):
    """投递参数"""

    once: bool = Field(
        False, title="只投递一次", description="发完现在能发的就结束；不选则一直运行，有消息马上发"
    )
    hours: int = Field(
        24, title="运行多少小时", description="到时结束，由定时新开的一次接替", ge=1, le=168
    )


class LettersBroken(RuntimeError):
    """Letters that could not be written at all: a fault of ours, named by their ids."""


@flow(
    name="deliver-letters",
    flow_run_name="投递消息",
    description="始终有一个在运行：领取待发消息、发送、重试，送不到的写明原因。",
)
def deliver_letters(form: DeliverForm | None = None) -> Any:
    """投递消息。

    Args:
        form: 投递参数
    """
    form = form or DeliverForm()
    room = PostRoom.open(engine(), settings())
    report = Report(room)
    try:
        if form.once:
            report.hear(service.once(room))
            return report.total.as_json()
        until = room.now() + timedelta(hours=form.hours)
        alone = service.serve(
            room, until=until, deliver=_batch(room), heard=report.hear, complain=report.warn
        )
    except service.AlreadyDelivering:
        alone = False
    except TerminationSignal:  # the system stops, or somebody cancelled: no fault of the run's
        return Cancelled(message="已停止；没发完的留在待发里，下一次接着发")
    finally:
        report.publish()
    if not alone:
        return Completed(message="已有一个在运行")
    return report.total.as_json()


def _batch(room: PostRoom) -> Callable[[], Tally]:
    """A batch as Prefect records it; unrecorded where there is no run to record it under."""

    @task(task_run_name="投递一批消息", cache_policy=NO_CACHE)
    @quoting_nobody
    def deliver_batch() -> Tally:
        return rounds.deliver(room)

    return deliver_batch if _recorded() else deliver_batch.fn


def _recorded() -> bool:
    return flow_run.id is not None


class Report:
    """What a run has to say: a line per round that moved something, a page now and then."""

    def __init__(self, room: PostRoom) -> None:
        self.room, self.total = room, Tally()
        self.log: Any = get_run_logger() if _recorded() else log
        self._started = room.now()
        self._unpublished = False
        self._published: datetime | None = None

    def hear(self, tally: Tally) -> None:
        """Take note of a round; LettersBroken when letters could not be written."""
        if not tally:
            self._publish_when_due()
            return
        self.total += tally
        self._unpublished = True
        self.log.info("，".join(f"{what} {count}" for what, count in tally.words()) or "没有变化")
        for reason in dict.fromkeys(tally.paused):
            self.log.warning("暂停发送：%s", reason)
        self._publish_when_due()
        if tally.broken:
            ids = "、".join(map(str, tally.broken[:20]))
            raise LettersBroken(f"{len(tally.broken)} 条消息写不出来，已列入未送达：{ids}")

    def warn(self, sentence: str) -> None:
        """Something is away and is waited for."""
        self.log.warning(sentence)

    def _publish_when_due(self) -> None:
        """Also after a round that moved nothing: the page must not stay behind the last figures."""
        fresh = self._published and self.room.now() - self._published < PAGE_EVERY
        if self._unpublished and not fresh:
            self.publish()

    def publish(self) -> None:
        """The page of this run, as it stands."""
        if self._unpublished and _recorded():
            create_markdown_artifact(self._page(), key="deliver-letters", description="消息投递")
        self._unpublished, self._published = False, self.room.now()

    def _page(self) -> str:
        desk = f"{self.room.settings.base_url.rstrip('/')}/desk/letters"
        lines = [
            f"## 消息投递（{moment(self._started)} 起）",
            "",
            *(f"- {what} **{count}** 条" for what, count in self.total.words()),
            *(f"- **暂停发送**：{reason}" for reason in dict.fromkeys(self.total.paused)),
            "",
            f"未送达的消息及原因：[后台]({desk})，或 `wuye letters list --failed`。",
        ]
        return "\n".join(lines) + "\n"
