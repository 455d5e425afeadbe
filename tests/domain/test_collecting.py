"""The interpreter is itself again when the last act ends."""

import gc
import sys

import pytest

from domain.collecting import SELDOM, TURN_SECONDS, seldom

State = tuple[tuple[int, int, int], float]
AN_ACT: State = (SELDOM, TURN_SECONDS)


def state() -> State:
    return gc.get_threshold(), round(sys.getswitchinterval(), 7)  # kept as whole microseconds


def test_two_acts_at_once_put_back_what_was_before_the_first() -> None:
    before = state()
    first, second = seldom(), seldom()
    first.__enter__()
    second.__enter__()
    assert state() == AN_ACT
    first.__exit__(None, None, None)
    assert state() == AN_ACT
    second.__exit__(None, None, None)
    assert state() == before


def test_an_act_that_fails_puts_it_back_too() -> None:
    before = state()
    with pytest.raises(ValueError, match="x"), seldom():
        raise ValueError("x")
    assert state() == before
