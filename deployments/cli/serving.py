"""Starting the stack from the command line, telling the demo's story on it, stopping in order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from deployments.cli.telling import Telling
from deployments.demo.summary import Summary
from deployments.stack.console import Console
from deployments.stack.ports import Ports
from deployments.stack.stack import Stack
from gateway.settings import Settings

WAY_IN = (
    "  进工作台：用企业微信登录；还没有绑定企业微信的，"
    "在另一个终端运行 .venv/bin/wuye desk link --user 工号"
)


def serve(settings: Settings, *, port: int, console: Console, tell_story: bool) -> None:
    """Up until Ctrl-C or SIGTERM; both stop everything and leave the data."""
    with _interruptible():
        try:
            with Stack(settings, ports=Ports.from_base(port), console=console) as stack:
                summary = _told(stack) if tell_story else None
                if summary:
                    console.say(summary.in_words())
                console.say(_addresses(stack))
                console.say(f"{summary.try_next() if summary else WAY_IN}\n\n按 Ctrl-C 停止。")
                stack.supervise(lambda: False)
        except KeyboardInterrupt:
            console.step("已全部停止，数据还在，下次启动接着用")


def play(settings: Settings, *, port: int, console: Console) -> Summary:
    """Start, tell the story, stop; the answer is what happened."""
    with _interruptible(), Stack(settings, ports=Ports.from_base(port), console=console) as stack:
        return _told(stack)


def _told(stack: Stack) -> Summary:
    with Telling(stack) as story:
        stack.supervise(story.ended)
    assert story.summary is not None
    return story.summary


def _addresses(stack: Stack) -> str:
    names = {"sandbox": "业主和员工的手机", "desk": "物业工作台", "prefect": "流程运行"}
    lines = [f"  {name}：{stack.urls[key]}" for key, name in names.items() if key in stack.urls]
    return "\n".join(["", "可以打开：", *lines])


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and a closed terminal stop as Ctrl-C does, and a second one does not cut it short."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
