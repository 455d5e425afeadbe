"""员工同步: colleagues and their roles as WeCom's contacts have them, every night and on demand."""

from typing import Any

from prefect import Task, flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run
from pydantic import BaseModel, Field

from domain import clock
from domain.history.actor import Actor
from domain.session import transaction
from domain.staff.syncing import sync
from domain.staff.syncing.changes import Changes
from flows.faults import quoting_nobody
from flows.office import database_was_away, engine
from gateway.settings import settings
from gateway.wecom import contacts
from gateway.wecom.apps import staff_app
from gateway.wecom.errors import Retry, verdict
from gateway.wecom.faults import WeComFault
from gateway.wecom.tokens import DatabaseTokenStore
from gateway.wecom.words import moment

BY = Actor.clock("staff-sync")
PAUSES = [10.0, 30.0, 120.0, 300.0]
SECTIONS = {
    "joined": "加入", "back": "回来", "left": "离开（已停用，已退出登录）", "changed": "资料有变",
    "granted": "给出岗位", "revoked": "收回岗位", "unmapped": "没有对上的",
}  # fmt: skip


class SyncForm(BaseModel):
    """员工同步参数"""

    preview: bool = Field(False, title="只看不改", description="列出会有什么变化，不改任何员工")
    force: bool = Field(
        False,
        title="强制执行",
        description="即使超过三分之一的人会离开也执行；请先用「只看不改」确认",
    )


class _OnlyLooked(Exception):
    def __init__(self, changes: Changes) -> None:
        self.changes = changes


def _worth_another(run: Task[Any, Any], task_run: TaskRun, state: State[Any]) -> bool:
    error = state.result(raise_on_failure=False)
    busy = isinstance(error, WeComFault) and isinstance(verdict(error), Retry)
    return busy or database_was_away(run, task_run, state)


@flow(
    name="staff-sync",
    flow_run_name="同步员工",
    description="按企业微信通讯录同步员工：谁加入、变动、离开；按标签和部门给岗位。",
)
def staff_sync(form: SyncForm | None = None) -> dict[str, int]:
    """同步员工。

    Args:
        form: 员工同步参数
    """
    form = form or SyncForm()
    changes = sync_contacts(form)
    get_run_logger().info(changes.words())
    if flow_run.id is not None:
        create_markdown_artifact(page(changes, form), key="staff-sync", description="员工同步")
    return changes.counts()


@task(
    task_run_name="读取通讯录，比较并更新员工",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=len(PAUSES),
    retry_delay_seconds=PAUSES,
    retry_condition_fn=_worth_another,
)
@quoting_nobody
def sync_contacts(form: SyncForm) -> Changes:
    """One transaction around reading and writing; a preview is one that is taken back."""
    app = staff_app(settings(), DatabaseTokenStore(engine()))
    try:
        with transaction(engine()) as session:
            sync.take_turn(session)
            roster = contacts.read_all(app)
            changes = sync.apply(session, roster, by=BY, at=clock.now(), force=form.force)
            if form.preview:
                raise _OnlyLooked(changes)
    except _OnlyLooked as looked:
        return looked.changes
    return changes


def page(changes: Changes, form: SyncForm) -> str:
    """The report for people."""
    title = "员工同步（只看，没有改动）" if form.preview else "员工同步"
    lines = [f"## {title} {moment(clock.now())}", "", changes.words(), ""]
    for name, words in SECTIONS.items():
        if found := getattr(changes, name):
            lines += [f"### {words} {len(found)}", "", *(f"- {_plain(one)}" for one in found), ""]
    desk = f"{settings().base_url.rstrip('/')}/desk/staff/wecom"
    lines.append(f"标签对应岗位、部门对应小区在这里设置：[企业微信对应]({desk})。")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Names come from WeCom: no markup of theirs in our page."""
    return "".join("＊" if sign in "*_`[]<>|#" else sign for sign in text)
