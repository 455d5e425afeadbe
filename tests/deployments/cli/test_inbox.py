"""`wuye inbox`: what came, what became of it, handling it again."""

import json

import pytest

from deployments.cli.run import run
from domain.inbox import rack
from domain.inbox.rack import Arrived
from tests.conftest import AT
from tests.factories.office import Office


@pytest.fixture
def failed(shop: Office) -> int:
    """One event given up, one waiting."""
    session = shop.session
    rack.put_all(session, [Arrived("a", "change_contact", "delete_user", b"x")], at=AT)
    [one] = rack.claim(session, at=AT, lease=AT, limit=1)
    rack.give_up(session, one, "应用没有权限", at=AT)
    rack.put_all(session, [Arrived("b", "enter_agent", None, b"x")], at=AT)
    session.commit()
    return one.id


def test_what_failed_is_listed_with_its_reason_and_replayed(
    failed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["inbox", "list"]) == 0
    said = capsys.readouterr().out
    assert "待处理 1，已处理 0，未能处理 1。" in said
    assert "change_contact/delete_user  未能处理：应用没有权限" in said
    assert run(["inbox", "list", "--failed", "--json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["events"]] == [failed]
    assert run(["inbox", "replay", str(failed)]) == 0
    assert str(failed) in capsys.readouterr().out
    assert run(["inbox", "replay", str(failed), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "nothing_to_replay"
