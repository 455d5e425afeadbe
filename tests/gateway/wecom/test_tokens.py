"""Where tokens are kept."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain.letters import tokens
from gateway.wecom import client
from gateway.wecom.tokens import DatabaseTokenStore, MemoryTokenStore, TokenStore
from tests.gateway.wecom.conftest import MakeApp
from tests.gateway.wecom.fakeserver import Answer, Call, FakeWeCom, error, ok

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=2)


@pytest.fixture(params=["memory", "database"])
def store(request: pytest.FixtureRequest) -> TokenStore:
    """Both stores keep the same promises."""
    if request.param == "memory":
        return MemoryTokenStore()
    return DatabaseTokenStore(request.getfixturevalue("engine"))


def test_a_token_is_kept_replaced_and_forgotten_by_app(store: TokenStore) -> None:
    store.set("one", "a", 60)
    store.set("two", "b", 60)
    store.set("one", "c", 60)
    assert (store.get("one"), store.get("two"), store.get("three")) == ("c", "b", None)
    store.delete("one")
    store.delete("three")
    assert (store.get("one"), store.get("two")) == (None, "b")


def test_a_token_past_its_time_is_not_given_out(store: TokenStore) -> None:
    store.set("one", "a", 0)
    assert store.get("one") is None


def test_a_token_holds_until_the_moment_it_expires(session: Session) -> None:
    tokens.store(session, app="one", token="a", expires_at=LATER)
    assert tokens.load(session, app="one", at=LATER - timedelta(microseconds=1)) == "a"
    assert tokens.load(session, app="one", at=LATER) is None


def test_a_renewed_token_reaches_the_other_workers(
    wecom: FakeWeCom, make_app: MakeApp, engine: Engine
) -> None:
    here, there = (make_app(store=DatabaseTokenStore(engine)) for _ in range(2))
    wecom.answer("message/send", error(40014), ok())
    here.call("message/send", {})
    there.call("message/send", {})
    assert wecom.last("message/send").query == {"access_token": "token-2"}
    assert wecom.counts()["gettoken"] == 2


def test_two_workers_that_meet_a_stale_token_together_both_get_through(
    wecom: FakeWeCom, make_app: MakeApp, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = make_app(store=DatabaseTokenStore(engine))
    monkeypatch.setattr(client, "_GATES", {})  # as in another process
    there = make_app(store=DatabaseTokenStore(engine))
    assert here._gate is not there._gate
    here.call("message/send", {})
    both_in = threading.Barrier(2)

    def stale_first(request: Call) -> Answer:
        if request.query["access_token"] == "token-1":
            both_in.wait(30)
            return error(40014)
        return ok()

    wecom.answer("message/send", stale_first)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda app: app.call("message/send", {}), (here, there)))
    assert [answer["errcode"] for answer in answers] == [0, 0]
    assert wecom.counts()["gettoken"] <= 3, "the first, and at most one each"
    kept = DatabaseTokenStore(engine).get(here.key)
    assert kept in {"token-2", "token-3"}
