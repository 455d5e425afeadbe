"""Links that let a colleague act: start a flow, or decide on a bill run.

A link says what is to be done and carries a nonce, under which it is done once. It opens nothing by
itself: who clicks is asked to sign in, and what they may do is looked up at that moment.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.links import LinkExpired, LinkInvalid, read_signed, seconds, signer
from gateway.settings import Settings

PURPOSE = "wuye action link"
NAME = "办事链接"


class ActionLinkInvalid(LinkInvalid):
    """Not an action link of ours, or changed on its way."""


class ActionLinkExpired(LinkExpired):
    """An action link that is too old: what it offered is found at the desk."""


@dataclass(frozen=True)
class StartAction:
    """Start a deployment; `preset` are form values that are settled (by field, as typed)."""

    deployment: str
    nonce: str
    preset: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DecideAction:
    """Approve or reject a bill run."""

    run_id: int
    nonce: str


Action = StartAction | DecideAction


def start_link(
    config: Settings, deployment: str, *, at: datetime, preset: Mapping[str, str] | None = None
) -> str:
    """The address of a page that starts a deployment, once. `preset` holds no personal data."""
    return _address(config, at, "start", secrets.token_urlsafe(12), deployment, dict(preset or {}))


def decide_link(config: Settings, run_id: int, *, nonce: str, at: datetime) -> str:
    """The address of a page that decides on a bill run; the same nonce and moment, the same link."""
    return _address(config, at, "decide", nonce, run_id)


def path_of(config: Settings, address: str) -> str:
    """A link of ours within our own pages."""
    return address.removeprefix(config.base_url.rstrip("/"))


def read_action_token(config: Settings, token: str, *, at: datetime) -> Action:
    """What an action link asks for, or ActionLinkInvalid / ActionLinkExpired."""
    life = timedelta(days=config.action_link_days)
    try:
        kind, nonce, *rest = read_signed(config, PURPOSE, token, at, life, NAME)
    except LinkInvalid as refusal:
        raise ActionLinkInvalid(refusal.message) from None
    except LinkExpired as refusal:
        raise ActionLinkExpired(refusal.message) from None
    if kind == "decide":
        return DecideAction(rest[0], nonce)
    return StartAction(rest[0], nonce, rest[1])


def _address(config: Settings, at: datetime, *what: Any) -> str:
    token = signer(config, PURPOSE).dumps([seconds(at), *what])
    return f"{config.base_url.rstrip('/')}/act/{token}"
