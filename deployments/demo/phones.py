"""Everybody of the demo gets a phone in the sandbox; owners become customers of one colleague."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from deployments.demo.community import COLLEAGUES, FOLLOWER, POSITIONS
from deployments.stack.rest import call
from domain.people import binding
from domain.session import transaction


def hand_out(engine: Engine, sandbox_url: str, community_id: int, *, at: datetime) -> int:
    """Bind every payer to a sandbox customer and tell the sandbox who exists; how many owners."""
    with transaction(engine) as session:
        bound = binding.bind_payers(
            session, community_id, follower_userid=FOLLOWER, prefix="wm", at=at
        )
    call("POST", f"{sandbox_url}/_sandbox/seed", _people(bound))
    return len(bound)


def press_send(sandbox_url: str) -> dict[str, Any]:
    """The colleague's part of a mass message: press send on everything that waits."""
    answer: dict[str, Any] = call(
        "POST", f"{sandbox_url}/_sandbox/staff/{FOLLOWER}/press", {"all": True}
    )
    return answer


def messages(sandbox_url: str, phone: str) -> list[dict[str, Any]]:
    """What stands on a phone, oldest first."""
    found: list[dict[str, Any]] = call("GET", f"{sandbox_url}/_sandbox/phones/{phone}/messages")[
        "messages"
    ]
    return found


def _people(bound: Sequence[binding.Bound]) -> dict[str, Any]:
    return {
        "staff": [
            {"userid": login, "name": name, "position": POSITIONS[login]}
            for login, name, _ in COLLEAGUES
        ],
        "customers": [
            {
                "external_userid": owner.external_userid,
                "name": owner.name,
                "followers": [FOLLOWER],
                "remark": f"{owner.room_code} {owner.name[:1]}*",
            }
            for owner in bound
        ],
    }
