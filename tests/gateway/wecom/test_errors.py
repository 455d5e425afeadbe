"""What a failed call means for a letter."""

import re

import pytest

from gateway.wecom.errors import (
    DAY,
    HOUR,
    MINUTE,
    Refused,
    Retry,
    Scope,
    backoff,
    verdict,
)
from gateway.wecom.faults import Answered, Garbled, NotSendable, Unanswered, WeComFault

SEND, MASS = "message/send", "externalcontact/add_msg_template"


@pytest.mark.parametrize("code", [40001, 40013, 40056, 301002, 48002, 50003, 60011, 60020])
def test_configuration_errors_stop_the_channel(code: int) -> None:
    found = verdict(Answered(SEND, code, "no"))
    assert isinstance(found, Refused)
    assert found.scope is Scope.APP
    assert "管理员" in found.reason


@pytest.mark.parametrize("code", [40003, 60111, 81013, 40096, 84061, 41048, 40058, 42014, 42051])
def test_errors_of_one_receiver_or_message_refuse_the_letter_only(code: int) -> None:
    found = verdict(Answered(SEND, code, "no"))
    assert isinstance(found, Refused)
    assert (found.scope, found.code) == (Scope.LETTER, code)


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        (-1, Scope.LETTER), (6000, Scope.LETTER), (45009, Scope.APP), (45033, Scope.APP),
        (40014, Scope.APP), (42001, Scope.APP),
    ],
)  # fmt: skip
def test_passing_errors_are_tried_again(code: int, scope: Scope) -> None:
    found = verdict(Answered(SEND, code, "no"))
    assert isinstance(found, Retry)
    assert (found.scope, found.code, found.maybe_accepted) == (scope, code, False)
    assert found.after_seconds > 0


def test_the_untrusted_address_is_named() -> None:
    errmsg = "not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more info at"
    told = verdict(Answered(SEND, 60020, errmsg)).reason
    assert "203.0.113.7" in told
    assert "出口 IP" in verdict(Answered(SEND, 60020, "no")).reason


def test_a_blocked_unit_grows_while_the_block_holds() -> None:
    waits = [verdict(Answered(SEND, 45009, ""), attempt=n) for n in (1, 2, 3, 4, 9)]
    assert [wait.after_seconds for wait in waits if isinstance(wait, Retry)] == [
        MINUTE, HOUR, DAY, 30 * DAY, 30 * DAY,
    ]  # fmt: skip


def test_a_blocked_gettoken_waits_the_hour_it_lasts() -> None:
    found = verdict(Answered("gettoken", 45009, ""))
    assert isinstance(found, Retry)
    assert found.after_seconds == HOUR


def test_a_busy_wecom_is_asked_three_times_quickly_and_then_left_alone_for_longer() -> None:
    found = [verdict(Answered(SEND, -1, ""), attempt=n) for n in range(1, 9)]
    waits = [one.after_seconds for one in found if isinstance(one, Retry)]
    assert waits == [10, 20, 40, 600, 1800, HOUR, 2 * HOUR]
    assert isinstance(found[-1], Refused)


@pytest.mark.parametrize("code", [-1, 40091, 45009, 40001])
def test_without_a_token_no_letter_is_to_blame(code: int) -> None:
    assert verdict(Answered("gettoken", code, "")).scope is Scope.APP


@pytest.mark.parametrize(
    ("fault", "kind", "scope", "maybe"),
    [
        (Unanswered(MASS, "ReadTimeout", maybe_accepted=True), Retry, Scope.LETTER, True),
        (Unanswered(MASS, "ConnectionError"), Retry, Scope.APP, False),
        (Garbled(MASS, 502, maybe_accepted=True), Retry, Scope.APP, True),
        (Garbled(MASS, 200, maybe_accepted=True), Retry, Scope.APP, True),
        (Garbled(MASS, 429, maybe_accepted=False), Retry, Scope.APP, False),
        (Garbled(MASS, 404, maybe_accepted=False), Refused, Scope.APP, None),
        (Garbled(MASS, 302, maybe_accepted=False), Refused, Scope.APP, None),
        (NotSendable(MASS, "业主还没有绑定企业微信"), Refused, Scope.LETTER, None),
    ],
)
def test_what_never_got_an_answer_of_wecom(
    fault: WeComFault, kind: type, scope: Scope, maybe: bool | None
) -> None:
    found = verdict(fault)
    assert isinstance(found, kind)
    assert found.scope is scope
    assert getattr(found, "maybe_accepted", None) is maybe


def test_an_unknown_code_refuses_the_letter_and_keeps_the_answer() -> None:
    found = verdict(Answered(SEND, 999_999, "what is this"))
    assert (found.code, found.detail, found.scope) == (999_999, "what is this", Scope.LETTER)


@pytest.mark.parametrize("code", [-1, 6000, 40001, 40003, 42001, 45009, 60020, 81013, 84061, 7])
def test_a_clerk_reads_no_codes(code: int) -> None:
    reason = verdict(Answered(SEND, code, "hint: abc")).reason
    assert not re.search(r"\d{4}|errcode|hint", reason)
    assert re.search("[一-龥]{4}", reason)


def test_backoff_grows_to_ten_minutes() -> None:
    assert [backoff(n) for n in (1, 2, 3, 7, 50)] == [10, 20, 40, 600, 600]
