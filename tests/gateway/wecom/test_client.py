"""Tokens: fetched once, renewed once, never shared between apps, never asked for in a loop."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter

import pytest

from gateway.wecom.client import WeComApp
from gateway.wecom.faults import Answered
from gateway.wecom.send import upload_media
from gateway.wecom.tokens import MemoryTokenStore
from tests.gateway.wecom.conftest import MakeApp
from tests.gateway.wecom.fakeserver import Answer, Call, FakeWeCom, error, ok

THREADS = 12


def call(app: WeComApp) -> dict[str, object]:
    return app.call("message/send", {"touser": "zhang"})


def at_once(work: Callable[[], object]) -> list[object]:
    """Run the work in twelve threads that start together; what each returned."""
    barrier = threading.Barrier(THREADS)

    def one(_: int) -> object:
        barrier.wait(5)
        return work()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_twelve_cold_threads_fetch_one_token(wecom: FakeWeCom, app: WeComApp) -> None:
    replies = at_once(lambda: call(app)["errcode"])
    assert replies == [0] * THREADS
    assert wecom.counts() == {"gettoken": 1, "message/send": THREADS}


def test_threads_with_an_app_object_each_share_the_token_too(
    wecom: FakeWeCom, make_app: MakeApp
) -> None:
    store = MemoryTokenStore()
    at_once(lambda: call(make_app(store=store)))
    assert wecom.counts()["gettoken"] == 1


def test_an_endless_40014_is_one_renewal_and_then_a_fault(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("message/send", error(40014))
    with pytest.raises(Answered) as caught:
        call(app)
    assert caught.value.code == 40014
    assert wecom.counts() == {"gettoken": 2, "message/send": 2}


def test_an_expired_token_is_renewed_and_the_call_repeated(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("message/send", error(42001), ok(msgid="m"))
    assert call(app)["msgid"] == "m"
    assert wecom.last("message/send").query == {"access_token": "token-2"}
    assert wecom.counts() == {"gettoken": 2, "message/send": 2}


def test_threads_that_meet_a_stale_token_together_renew_it_once(
    wecom: FakeWeCom, app: WeComApp
) -> None:
    call(app)
    all_in = threading.Barrier(THREADS)

    def stale_first(request: Call) -> Answer:
        if request.query["access_token"] == "token-1":
            all_in.wait(5)
            return error(40014)
        return ok()

    wecom.answer("message/send", stale_first)
    at_once(lambda: call(app))
    assert wecom.counts()["gettoken"] == 2


def test_a_renewal_that_gives_the_same_token_again_is_not_repeated_by_every_thread(
    wecom: FakeWeCom, app: WeComApp
) -> None:
    wecom.answer("gettoken", ok(access_token="same", expires_in=7200))
    call(app)
    all_in = threading.Barrier(THREADS)
    met: list[None] = []

    def stale_first(_: Call) -> Answer:
        met.append(None)
        if len(met) <= THREADS:
            all_in.wait(5)
            return error(40014)
        return ok()

    wecom.answer("message/send", stale_first)
    at_once(lambda: call(app))
    assert wecom.counts()["gettoken"] == 2


def test_a_wrong_secret_never_renews_the_token(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("message/send", error(40001))
    with pytest.raises(Answered):
        call(app)
    assert wecom.counts() == {"gettoken": 1, "message/send": 1}


def test_a_secret_refused_by_gettoken_is_not_tried_again_at_once(
    wecom: FakeWeCom, app: WeComApp
) -> None:
    wecom.answer("gettoken", error(40001, "invalid credential"))
    for _ in range(3):
        with pytest.raises(Answered) as caught:
            call(app)
        assert (caught.value.code, caught.value.path) == (40001, "gettoken")
    assert wecom.counts() == {"gettoken": 1}


def test_a_busy_gettoken_may_be_tried_again(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("gettoken", error(-1), wecom.fresh_token)
    with pytest.raises(Answered):
        call(app)
    assert call(app)["errcode"] == 0


class Noting(MemoryTokenStore):
    """Remembers how long it was asked to keep tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.ttls: list[int] = []

    def set(self, key: str, value: str, ttl: int) -> None:
        self.ttls.append(ttl)
        super().set(key, value, ttl)


def test_a_token_is_given_up_before_it_runs_out(wecom: FakeWeCom, make_app: MakeApp) -> None:
    store = Noting()
    call(make_app(store=store))
    assert store.ttls == [7200 - 120]


def test_a_kept_token_that_ran_out_is_fetched_anew(wecom: FakeWeCom, make_app: MakeApp) -> None:
    store = MemoryTokenStore()
    app = make_app(store=store)
    store.set(app.key, "old", 0)
    call(app)
    assert wecom.last("message/send").query == {"access_token": "token-1"}


def test_two_apps_of_one_corp_have_tokens_of_their_own(wecom: FakeWeCom, make_app: MakeApp) -> None:
    store = MemoryTokenStore()
    for secret, agent in (("one", 1), ("two", 2), ("one", 1)):
        call(make_app(secret, agent, store))
    assert [c.query.get("access_token") for c in wecom.calls if c.path == "message/send"] == [
        "token-1", "token-2", "token-1",
    ]  # fmt: skip


def test_an_upload_repeated_with_a_new_token_is_sent_whole(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("media/upload", error(42001), ok(media_id="m-1"))
    assert upload_media(app, "image", "现场.jpg", b"\x89picture") == "m-1"
    first, second = [c.body for c in wecom.calls if c.path == "media/upload"]
    assert b"\x89picture" in first
    assert b"\x89picture" in second


def test_wechatpys_own_calls_go_through_the_same_door(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("department/simplelist", error(40014), ok(department_id=[{"id": 1}]))
    wecom.answer("export/simple_user", ok(jobid="job"))
    assert app.department.simple_list() == [{"id": 1}]
    assert app.post("export/simple_user", data={}, result_processor=itemgetter("jobid")) == "job"
    assert wecom.counts() == {
        "gettoken": 2, "department/simplelist": 2, "export/simple_user": 1,
    }  # fmt: skip
