"""Cards that were sent and now say something else: once per response_code, within 72 hours."""

import re

from gateway.wecom.client import WeComApp
from gateway.wecom.faults import Answered

SPENT = 60140
_TASK = re.compile(r"letter-([1-9][0-9]{0,17})-[0-9]{1,20}")


def task_id(letter_id: int, moment_ms: int) -> str:
    """The task_id of a card: a letter's, and of one try only, for WeCom takes none twice."""
    return f"letter-{letter_id}-{moment_ms}"


def letter_of(task: str) -> int | None:
    """The letter a task_id of ours names; None for anything else."""
    found = _TASK.fullmatch(task)
    return int(found[1]) if found else None


def close_card(app: WeComApp, userid: str, response_code: str, words: str) -> bool:
    """Grey the button of a member's card and let it say `words`.

    False when the code was used or is too old: the card stays as it is, which harms nobody.
    """
    request = {
        "userids": [userid],
        "agentid": app.agent_id,
        "response_code": response_code,
        "button": {"replace_name": words},
    }
    try:
        app.call("message/update_template_card", request)
    except Answered as fault:
        if fault.code == SPENT:
            return False
        raise
    return True
