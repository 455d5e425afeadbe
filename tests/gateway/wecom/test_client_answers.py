"""The client against answers that are late, strange, or missing, and what it lets slip: nothing."""

import logging
import time
import traceback

import pytest

from gateway.wecom.client import WeComApp
from gateway.wecom.faults import Garbled, Unanswered, WeComFault
from tests.gateway.wecom.conftest import SECRET
from tests.gateway.wecom.fakeserver import DROP, HANG, Answer, FakeWeCom, Raw, error, ok


def call(app: WeComApp) -> dict[str, object]:
    return app.call("message/send", {"touser": "zhang"})


def test_a_hanging_call_ends_and_may_have_been_accepted(
    wecom: FakeWeCom, impatient: WeComApp
) -> None:
    wecom.answer("message/send", HANG)
    started = time.monotonic()
    with pytest.raises(Unanswered) as caught:
        call(impatient)
    assert time.monotonic() - started < 3
    assert caught.value.maybe_accepted


def test_a_hanging_gettoken_ends_and_nothing_was_sent(
    wecom: FakeWeCom, impatient: WeComApp
) -> None:
    wecom.answer("gettoken", HANG)
    started = time.monotonic()
    with pytest.raises(Unanswered) as caught:
        call(impatient)
    assert time.monotonic() - started < 3
    assert not caught.value.maybe_accepted
    assert wecom.counts() == {"gettoken": 1}


def test_a_connection_cut_before_the_answer_may_have_been_accepted(
    wecom: FakeWeCom, app: WeComApp
) -> None:
    wecom.answer("message/send", DROP)
    with pytest.raises(Unanswered) as caught:
        call(app)
    assert caught.value.maybe_accepted
    assert wecom.counts()["message/send"] == 1


def test_a_refused_connection_was_certainly_not_accepted(wecom: FakeWeCom, app: WeComApp) -> None:
    call(app)
    wecom.close()
    app._http.close()
    with pytest.raises(Unanswered) as caught:
        call(app)
    assert not caught.value.maybe_accepted
    assert "token-1" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("answer", "status", "maybe"),
    [
        (Raw(b"<html>502</html>", 502), 502, True),
        (Raw(b"not here", 404), 404, False),
        (Raw(b'{"errcode": 0}', 502), 502, True),
        (Raw(b"<html>sign in to the hotel</html>"), 200, True),
        (Raw(b'["errcode", 0]'), 200, True),
        (Raw(b'{"errcode": "zero"}'), 200, True),
        (Raw(b'{"msgid": "without a verdict"}'), 200, True),
        (Raw(b"\xff\xfe\x00", 200), 200, True),
        (Raw(b""), 200, True),
    ],
)
def test_an_answer_that_is_not_wecoms_is_a_fault(
    wecom: FakeWeCom, app: WeComApp, answer: Raw, status: int, maybe: bool
) -> None:
    wecom.answer("message/send", answer)
    with pytest.raises(Garbled) as caught:
        call(app)
    assert (caught.value.status, caught.value.maybe_accepted) == (status, maybe)


@pytest.mark.parametrize(
    "answer",
    [
        Raw(b"oops", 500),
        Raw(b'{"errcode": 0, "access_token": "t", "expires_in": 7200}', 503),
        Raw(b"{}"),
        ok(expires_in=7200),
    ],
)
def test_a_gettoken_that_is_not_wecoms_sends_nothing(
    wecom: FakeWeCom, app: WeComApp, answer: Answer
) -> None:
    wecom.answer("gettoken", answer)
    with pytest.raises(Garbled) as caught:
        call(app)
    assert not caught.value.maybe_accepted
    assert "message/send" not in wecom.counts()


def test_a_redirect_is_not_followed_with_our_token(wecom: FakeWeCom, app: WeComApp) -> None:
    elsewhere = {"Location": f"{wecom.url}/cgi-bin/elsewhere"}
    wecom.answer("message/send", Raw(b"", 302, elsewhere))
    with pytest.raises(Garbled):
        call(app)
    assert "elsewhere" not in wecom.counts()


def test_a_proxy_of_the_environment_is_not_used(
    app: WeComApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    assert call(app)["errcode"] == 0


@pytest.mark.parametrize("broken", ["gettoken", "message/send"])
@pytest.mark.parametrize("answer", [HANG, DROP, Raw(b"no", 502), error(40001)])
def test_no_token_and_no_secret_in_logs_and_tracebacks(
    wecom: FakeWeCom,
    impatient: WeComApp,
    caplog: pytest.LogCaptureFixture,
    broken: str,
    answer: Answer,
) -> None:
    caplog.set_level(logging.DEBUG)
    wecom.answer(broken, answer)
    with pytest.raises(WeComFault) as caught:
        call(impatient)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(impatient)
    assert "gettoken" in told
    assert SECRET not in told
    assert "token-1" not in told
