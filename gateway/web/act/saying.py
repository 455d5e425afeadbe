"""How runs are said: states, progress, and a failure in words with what to do."""

import re
from collections.abc import Sequence

from domain.access.starts import Started
from domain.errors import BackOfficeError
from gateway.flow_server import Artifact, FlowServer, State
from gateway.web.act import schema

STATES = {
    "SCHEDULED": ("busy", "排队中"),
    "PENDING": ("busy", "准备中"),
    "RUNNING": ("busy", "进行中"),
    "PAUSED": ("due", "等待审批"),
    "COMPLETED": ("good", "已完成"),
    "FAILED": ("late", "没有完成"),
    "CRASHED": ("late", "中断了"),
    "CANCELLING": ("quiet", "正在取消"),
    "CANCELLED": ("quiet", "已取消"),
}
UNKNOWN = ("quiet", "不清楚")
NOT_YET = ("due", "还没有开始")
FORGOTTEN = ("quiet", "记录已清理")
YES_NO = {schema.YES: "是", "": "否"}
SAID = re.compile(r"^Flow run encountered an exception: \w+: ([一-鿿「“][^\n]*)", re.MULTILINE)
"""A refusal of ours inside Prefect's sentence; what a library says may quote a row and is not shown."""


def tag(state: State | None, *, handed_over: bool = True) -> tuple[str, str]:
    """(tone, words) of where a run stands."""
    if not handed_over:
        return NOT_YET
    return STATES.get(state.type, UNKNOWN) if state else FORGOTTEN


def moves(state: State | None) -> bool:
    """Whether looking again soon makes sense."""
    return state is not None and not state.is_final()


def failure(state: State | None) -> str:
    """Why a run did not come to its end, as far as people can use it; "" while nothing is wrong."""
    if state is None or state.type not in ("FAILED", "CRASHED", "CANCELLED"):
        return ""
    if state.is_crashed():
        return "执行任务的进程中途停了（断电、重启或内存不够），已完成的部分都在"
    if state.is_cancelled():
        return "有人取消了它，或者同样的任务已经有一个在运行"
    found = SAID.search(state.message)
    return found[1] if found else "系统出错了，不是您填的内容有问题"


def progress(artifacts: Sequence[Artifact]) -> tuple[str, int] | None:
    """The latest progress a run told: of what, and how many percent."""
    told = [one for one in artifacts if one.kind == "progress"]
    if not told:
        return None
    try:
        percent = round(float(told[-1].data))
    except (TypeError, ValueError):
        return None
    return told[-1].title, min(100, max(0, percent))


def answers(server: FlowServer, row: Started) -> list[tuple[str, str]]:
    """What was asked for, as (title, words); only the words while Prefect does not say the titles."""
    typed = schema.flat(row.parameters)
    try:
        wanted = schema.fields(server.deployment(row.deployment).schema)
    except BackOfficeError:
        return [("", words) for words in typed.values() if words]
    return [
        (one.title, YES_NO[typed[one.key]] if one.kind == "flag" else typed[one.key])
        for one in wanted
        if typed.get(one.key) or (one.kind == "flag" and one.key in typed)
    ]
