"""The collector is itself again when the last act ends."""

import gc

import pytest

from domain.collecting import SELDOM, seldom


def test_two_acts_at_once_put_back_what_was_before_the_first() -> None:
    before = gc.get_threshold()
    first, second = seldom(), seldom()
    first.__enter__()
    second.__enter__()
    assert gc.get_threshold() == SELDOM
    first.__exit__(None, None, None)
    assert gc.get_threshold() == SELDOM
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_an_act_that_fails_puts_it_back_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="x"), seldom():
        raise ValueError("x")
    assert gc.get_threshold() == before
