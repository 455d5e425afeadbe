"""What Prefect's server does by itself when a run is lost: it ends it, and starts it again.

Both hold wherever Prefect's server runs, with our stack or in containers. Events are best effort:
behind them stand the schedule in prefect.yaml and the lock in our database.
"""

from typing import Any

LOST_HEARTBEAT: dict[str, Any] = {
    "name": "失去心跳的运行标为中断",
    "description": "运行中的流程 120 秒没有心跳，说明它的机器或进程已经不在。",
    "enabled": True,
    "trigger": {
        "type": "event",
        "posture": "Proactive",
        "match": {"prefect.resource.id": ["prefect.flow-run.*"]},
        "after": ["prefect.flow-run.heartbeat"],
        "expect": [
            "prefect.flow-run.heartbeat",
            "prefect.flow-run.Completed",
            "prefect.flow-run.Failed",
            "prefect.flow-run.Cancelled",
            "prefect.flow-run.Crashed",
            "prefect.flow-run.Suspended",
            "prefect.flow-run.Paused",
        ],
        "for_each": ["prefect.resource.id"],
        "threshold": 1,
        "within": 120,
    },
    "actions": [
        {
            "type": "change-flow-run-state",
            "state": "CRASHED",
            "message": "120 秒没有心跳，标为中断。可以放心重新运行。",
        }
    ],
}

ALWAYS_ALIVE = {
    "deliver-letters/continuous": "消息不会自动发出",
    "inbox/continuous": "企业微信回调不会处理",
}
"""Not left to their schedules: what comes now should not wait for minutes. And what if not."""

BREATH_SECONDS = 60
"""A flow that ends again sooner than this is left to its schedule: it would only end once more."""

ENDED: dict[str, Any] = {
    "name": "始终运行的流程断了就重新开始",
    "description": (
        "投递消息、处理企业微信回调不论因为什么结束，马上重新开始；"
        f"{BREATH_SECONDS} 秒内又结束的等下一次定时。"
    ),
    "enabled": True,
    "trigger": {
        "type": "event",
        # Fires at the first event, then not again before the time is over: a brake of its own.
        "posture": "Reactive",
        "match": {"prefect.resource.id": ["prefect.flow-run.*"]},
        "match_related": {
            "prefect.resource.role": ["flow"],
            "prefect.resource.name": [name.partition("/")[0] for name in ALWAYS_ALIVE],
        },
        # Not Cancelled: so ends who finds another one alive, or was asked to stop.
        "expect": [
            "prefect.flow-run.Crashed",
            "prefect.flow-run.Failed",
            "prefect.flow-run.Completed",
        ],
        "for_each": ["related:flow:prefect.resource.name"],
        "threshold": 1,
        "within": BREATH_SECONDS,
    },
    "actions": [{"type": "run-deployment", "source": "inferred", "parameters": {}}],
}

AUTOMATIONS = (LOST_HEARTBEAT, ENDED)
