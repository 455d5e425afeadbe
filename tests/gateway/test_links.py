"""Signed links: read back what they say, refuse everything else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from gateway.links import (
    LinkExpired,
    LinkInvalid,
    OwnerVisit,
    SecretMissing,
    desk_link,
    owner_link,
    read_desk_token,
    read_owner_token,
)
from gateway.settings import Settings

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CONFIG = Settings(_env_file=None, secret_key=SecretStr("one key"), base_url="https://example.test/")


def token(url: str) -> str:
    return url.rpartition("/")[2]


def test_an_owner_link_says_whose_page_it_is_and_nothing_personal():
    url = owner_link(CONFIG, person_id=71, at=AT, letter_id=9)
    assert url.startswith("https://example.test/h5/b/")
    assert read_owner_token(CONFIG, token(url), at=AT) == OwnerVisit(71, 9)
    plain = owner_link(CONFIG, person_id=71, at=AT)
    assert read_owner_token(CONFIG, token(plain), at=AT).letter_id is None
    assert plain == owner_link(CONFIG, person_id=71, at=AT)


def test_an_owner_link_lives_as_long_as_the_setting_says():
    made = token(owner_link(CONFIG, person_id=71, at=AT))
    last = AT + timedelta(days=CONFIG.owner_link_days, seconds=-1)
    assert read_owner_token(CONFIG, made, at=last).person_id == 71
    with pytest.raises(LinkExpired, match="过期"):
        read_owner_token(CONFIG, made, at=last + timedelta(seconds=1))


def test_a_desk_link_lives_ten_minutes_and_no_two_are_the_same():
    first, second = desk_link(CONFIG, 5, AT), desk_link(CONFIG, 5, AT)
    assert first != second
    assert read_desk_token(CONFIG, token(first), at=AT + timedelta(minutes=9)).staff_id == 5
    with pytest.raises(LinkExpired):
        read_desk_token(CONFIG, token(first), at=AT + timedelta(minutes=10))


def test_a_link_opens_one_kind_of_door_only():
    with pytest.raises(LinkInvalid):
        read_desk_token(CONFIG, token(owner_link(CONFIG, person_id=5, at=AT)), at=AT)
    with pytest.raises(LinkInvalid):
        read_owner_token(CONFIG, token(desk_link(CONFIG, 5, AT)), at=AT)


def test_a_link_of_another_key_is_refused():
    other = CONFIG.model_copy(update={"secret_key": SecretStr("another key")})
    with pytest.raises(LinkInvalid):
        read_owner_token(CONFIG, token(owner_link(other, person_id=5, at=AT)), at=AT)


def test_without_a_key_there_are_no_links():
    with pytest.raises(SecretMissing):
        owner_link(CONFIG.model_copy(update={"secret_key": None}), person_id=5, at=AT)


@given(st.text(max_size=80))
@example("")
@example(".")
@example("eyJ.\x00.é")
def test_noise_is_refused_and_never_crashes(noise):
    with pytest.raises(LinkInvalid):
        read_owner_token(CONFIG, noise, at=AT)


@given(st.data())
def test_one_changed_character_is_refused(data):
    good = token(owner_link(CONFIG, person_id=71, at=AT))
    place = data.draw(st.integers(0, len(good) - 2))  # the very last one holds unused bits
    sign = data.draw(st.sampled_from("ABCxyz019-_.").filter(lambda s: s != good[place]))
    with pytest.raises(LinkInvalid):
        read_owner_token(CONFIG, good[:place] + sign + good[place + 1 :], at=AT)
