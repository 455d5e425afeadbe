"""The link in a colleague's letter."""

import pytest
from pydantic import SecretStr

from domain.letters.rack import Due
from flows.delivery.writing import write
from gateway.action_links import DecideAction, read_action_token
from gateway.settings import Settings
from tests.conftest import AT


@pytest.fixture
def config() -> Settings:
    return Settings(_env_file=None, secret_key=SecretStr("k"), base_url="https://wuye.test")


def test_an_approvers_letter_leads_to_the_decision(config):
    facts = {"community": "翠湖花园", "period": "2026-11", "bills": 4, "total_fen": 112_000}
    letter = Due(31, "bill_run.awaiting_approval", {"run": 7}, AT, 0, 1, 2, None)
    said = [str(write(letter, facts, config)) for _ in range(2)]
    assert said[0] == said[1], "written again it is the same message"
    token = said[0].partition("https://wuye.test/act/")[2].partition("'")[0]
    assert read_action_token(config, token, at=AT) == DecideAction(7, "letter 31")
