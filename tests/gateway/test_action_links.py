"""Links that act: what they carry, for how long, and that nothing else passes for one."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from gateway.action_links import (
    ActionLinkExpired,
    ActionLinkInvalid,
    DecideAction,
    StartAction,
    decide_link,
    path_of,
    read_action_token,
    start_link,
)
from gateway.links import LinkInvalid, desk_link, owner_link, read_desk_token
from gateway.settings import Settings

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def config() -> Settings:
    return Settings(
        _env_file=None, secret_key=SecretStr("a key for this run"), base_url="https://wuye.test/"
    )


def token(address: str) -> str:
    return address.rpartition("/")[2]


def test_a_link_says_what_it_starts(config):
    made = start_link(config, "bill-run/monthly", at=AT, preset={"form.month": "2026-11"})
    assert path_of(config, made) == f"/act/{token(made)}"
    read = read_action_token(config, token(made), at=AT)
    assert read == StartAction("bill-run/monthly", read.nonce, {"form.month": "2026-11"})
    assert token(made) != token(
        start_link(config, "bill-run/monthly", at=AT, preset={"form.month": "2026-11"})
    ), "every link has a nonce of its own"


def test_a_letter_always_carries_the_same_link(config):
    first, second = (decide_link(config, 7, nonce="letter 3", at=AT) for _ in range(2))
    assert first == second
    assert read_action_token(config, token(first), at=AT) == DecideAction(7, "letter 3")


def test_it_ends_after_its_days(config):
    made = token(decide_link(config, 7, nonce="n", at=AT))
    life = timedelta(days=config.action_link_days)
    assert read_action_token(config, made, at=AT + life - timedelta(seconds=1))
    with pytest.raises(ActionLinkExpired):
        read_action_token(config, made, at=AT + life)


def test_forged_and_changed_links_are_none(config):
    made = token(decide_link(config, 7, nonce="n", at=AT))
    other = config.model_copy(update={"secret_key": SecretStr("another key")})
    payload, _, signature = made.rpartition(".")
    changed = base64.urlsafe_b64encode(b'[1793498400,"decide","n",8]').decode().rstrip("=")
    for wrong in ("", "x", made[:-1], f"{changed}.{signature}", f"{payload}.", "a" * 5000):
        with pytest.raises(ActionLinkInvalid):
            read_action_token(config, wrong, at=AT)
    with pytest.raises(ActionLinkInvalid):
        read_action_token(other, made, at=AT)


def test_links_for_other_purposes_do_not_act_nor_acting_ones_sign_in(config):
    for other in (owner_link(config, person_id=7, at=AT), desk_link(config, 7, AT)):
        with pytest.raises(ActionLinkInvalid):
            read_action_token(config, token(other), at=AT)
    with pytest.raises(LinkInvalid):
        read_desk_token(config, token(decide_link(config, 7, nonce="n", at=AT)), at=AT)
