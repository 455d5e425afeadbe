"""处理回调: what WeCom told us is handled within a second or two; one run, always alive.

A run ends after a day and the schedule starts the next. The rack in our database is the truth: a
run that is killed loses nothing.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.exceptions import TerminationSignal
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed
from pydantic import BaseModel, Field

from flows.incoming import service
from flows.incoming.backroom import BackRoom
from flows.incoming.tally import Tally
from flows.office import engine, vault
from gateway.settings import settings
from gateway.wecom.words import moment

PAGE_EVERY = timedelta(minutes=1)
log = logging.getLogger("wuye.inbox")


class InboxForm(BaseModel):
    """收件处理参数"""

    once: bool = Field(
        False, title="只处理一次", description="处理完现在有的就结束；不选则一直运行，来了马上处理"
    )
    hours: int = Field(
        24, title="运行多少小时", description="到时结束，由定时新开的一次接替", ge=1, le=168
    )


class EventsBroken(RuntimeError):
    """Events given up over a fault of ours, named by their ids."""


@flow(
    name="inbox",
    flow_run_name="处理企业微信回调",
    description="始终有一个在运行：处理企业微信发来的事件（按卡片、通讯录变化、客户变化）。",
)
def inbox(form: InboxForm | None = None) -> Any:
    """处理企业微信回调。

    Args:
        form: 收件处理参数
    """
    form = form or InboxForm()
    room = BackRoom.open(engine(), vault(), settings())
    report = Report(room)
    try:
        if form.once:
            report.hear(service.once(room))
            alone = True
        else:
            until = room.now() + timedelta(hours=form.hours)
            alone = service.serve(room, until=until, heard=report.hear, complain=report.warn)
    except service.AlreadyHandling:
        alone = False
    except TerminationSignal:  # the system stops, or somebody cancelled: no fault of the run's
        return Cancelled(message="已停止；没处理的留着，下一次接着处理")
    finally:
        report.publish()
    if not alone:
        return Completed(message="已有一个在运行")
    return report.outcome()


class Report:
    """What a run has to say: a line per round that did something, a page now and then."""

    def __init__(self, room: BackRoom) -> None:
        self.room, self.total = room, Tally()
        recorded = flow_run.id is not None
        self.log: Any = get_run_logger() if recorded else log
        self._recorded, self._started = recorded, room.now()
        self._unpublished, self._published = False, room.now() - PAGE_EVERY

    def hear(self, tally: Tally) -> None:
        """Take note of a round. One that broke over a fault of ours does not stop the rest."""
        if tally:
            self.total += tally
            self._unpublished = True
            self.log.info("，".join(f"{what} {count}" for what, count in tally.words()))
        if tally.broken:
            self.log.error("处理不了的事件：%s", "、".join(map(str, tally.broken)))
        if self.room.now() - self._published >= PAGE_EVERY:
            self.publish()

    def warn(self, sentence: str) -> None:
        """Something is away and is waited for."""
        self.log.warning(sentence)

    def publish(self) -> None:
        """The page of this run, as it stands."""
        if self._unpublished and self._recorded:
            page = _page(self._started, self.total)
            create_markdown_artifact(page, key="inbox", description="企业微信回调")
        self._unpublished, self._published = False, self.room.now()

    def outcome(self) -> dict[str, Any]:
        """The counts; EventsBroken at the very end if a fault of ours cost an event."""
        if self.total.broken:
            ids = "、".join(map(str, self.total.broken[:20]))
            raise EventsBroken(f"{len(self.total.broken)} 件企业微信事件处理不了，编号：{ids}")
        return self.total.as_json()


def _page(since: datetime, total: Tally) -> str:
    lines = [
        f"## 企业微信回调（{moment(since)} 起）",
        "",
        *(f"- {what} **{count}** 件" for what, count in total.words()),
        "",
        "每件事的结果：`wuye inbox list`；未能处理的改好原因后 `wuye inbox replay 编号`。",
    ]
    return "\n".join(lines) + "\n"
