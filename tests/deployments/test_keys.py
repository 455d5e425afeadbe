"""`wuye keys`: a new key put in front, and everything sealed with it again."""

import os
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select

from deployments import keys
from deployments.keys import KeysSetByHand, StackHasOldKeys
from deployments.office import OpenOffice
from deployments.stack import secrets
from deployments.stack.home import Home, StackInfo, held
from domain import clock
from domain.people.model import Person
from domain.session import snapshot, transaction
from domain.vault import Vault, new_key_setting
from gateway.settings import Settings
from tests.factories.office import Office

K1, K2 = new_key_setting("k1"), new_key_setting("k2")
OLD, BOTH = Vault.from_setting(K1), Vault.from_setting(f"{K2},{K1}")
PHONES = [f"1740000000{n}" for n in range(5)]


class Killed(BaseException):
    """Stands for a kill -9 between two batches: nothing catches it."""


@pytest.fixture
def opened(engine: Engine, config: Settings) -> OpenOffice:
    """An office with five people of the old key, and the new key in front."""
    with transaction(engine) as session:
        office = Office(session, OLD, at=clock.now())
        for phone in PHONES:
            office.person(f"业主{phone[-1]}", phone=phone)
    return OpenOffice(engine, config, BOTH)


def sealed_now(engine: Engine) -> list[bool]:
    with snapshot(engine) as session:
        stored = session.scalars(select(Person.phone_sealed).order_by(Person.id))
        return [BOTH.is_current(one or b"") for one in stored]


def test_a_rotation_that_was_killed_goes_on_where_it_stopped(opened: OpenOffice) -> None:
    def kill(_words: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        keys.rotate(opened, say=kill, batch=2)
    assert sealed_now(opened.engine) == [True, True, False, False, False]
    said: list[str] = []
    done = keys.rotate(opened, say=said.append, batch=2)
    assert (done.people, done.key, done.old_keys, done.complete) == (3, "k2", ("k1",), True)
    assert said == ["已处理 2 人", "已处理 1 人"]
    assert all(sealed_now(opened.engine))
    assert keys.rotate(opened, say=said.append).people == 0


def test_a_stack_that_was_started_before_the_key_must_be_restarted_first(
    opened: OpenOffice, home: Home
) -> None:
    secrets.ensure(home, opened.settings)
    info = StackInfo(os.getpid(), str(home.root), clock.now().isoformat(), {}, {})
    info.write(home)
    with held(home):
        later = clock.now().timestamp() + 5
        os.utime(home.secrets, (later, later))
        with pytest.raises(StackHasOldKeys):
            keys.rotate(opened, say=print)
        assert not any(sealed_now(opened.engine))
    assert keys.rotate(opened, say=print).people == 5


def test_an_installed_key_is_in_front_and_nothing_else_changes(
    home: Home, config: Settings
) -> None:
    before = secrets.ensure(home, config)
    assert keys.install(config) == "k2"
    after = secrets.load(home)
    assert after["WUYE_DATA_KEYS"].startswith("k2:")
    assert after["WUYE_DATA_KEYS"].endswith(f",{before['WUYE_DATA_KEYS']}")
    assert {**after, "WUYE_DATA_KEYS": ""} == {**before, "WUYE_DATA_KEYS": ""}
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o600
    assert secrets.ensure(home, config) == after
    assert keys.install(config) == "k3"


@pytest.mark.parametrize("mine", [{"data_keys": SecretStr(K1)}, {"database_url": "postgresql://x"}])
def test_keys_that_a_person_set_are_left_to_him(tmp_path: Path, mine: dict[str, object]) -> None:
    config = Settings(home=tmp_path / "home", **mine)  # type: ignore[arg-type]
    with pytest.raises(KeysSetByHand):
        keys.install(config)
    assert not (tmp_path / "home" / "secrets.env").exists()
