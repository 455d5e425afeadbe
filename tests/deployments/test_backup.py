"""A copy of the database, and its way back into an empty one."""

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from deployments import backup, migrate
from deployments.backup import DatabaseNotEmpty
from deployments.cli.run import run
from deployments.stack.database import ensure_database, upgrade_apart
from deployments.stack.errors import DatabaseNewer, Relayed
from deployments.stack.home import Home
from deployments.stack.postgres import EmbeddedPostgres
from domain.session import connect, transaction
from gateway.settings import Settings, settings


@pytest.fixture
def second(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "second")


def test_a_copy_brings_everything_back_into_an_empty_database_only(
    config: Settings, postgres: EmbeddedPostgres, second: Settings, tmp_path: Path
) -> None:
    url = ensure_database(config)
    assert migrate.is_current(url)
    engine = connect(url)
    with transaction(engine) as session:
        session.execute(text("INSERT INTO company (id, name) VALUES (7, '青山物业')"))
        session.execute(
            text("INSERT INTO community (id, company_id, name) VALUES (3, 7, '阳光花园')")
        )
    engine.dispose()

    made = backup.back_up(config, tmp_path / "copies")
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert made.size == made.file.stat().st_size > 0
    assert "secrets.env" in made.reminder
    with pytest.raises(DatabaseNotEmpty):
        backup.restore(config, made.file)

    other = EmbeddedPostgres(Home.at(second.home).make())
    try:
        assert backup.restore(second, made.file) == migrate.head()
        engine = connect(ensure_database(second))
        with transaction(engine) as session:
            names = session.execute(text("SELECT name FROM community")).scalars().all()
        engine.dispose()
    finally:
        other.stop()
    assert names == ["阳光花园"]


def test_a_file_that_is_no_copy_is_refused(
    config: Settings, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.dump"
    wrong.write_text("hello")
    with pytest.raises(backup.BackupFailed):
        backup.restore(config, wrong)
    with pytest.raises(backup.BackupFailed, match="请换一个"):
        backup.back_up(config, wrong)


def test_what_a_newer_version_made_is_refused_in_words_and_left_as_it_is(
    config: Settings,
    postgres: EmbeddedPostgres,
    second: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*command: str) -> dict[str, str]:
        assert run([*command, "--json"]) == 2
        captured = capsys.readouterr()
        assert captured.err == ""
        told: dict[str, str] = json.loads(captured.out)["error"]
        return told

    monkeypatch.setenv("WUYE_HOME", str(config.home))
    settings.cache_clear()
    engine = connect(ensure_database(config))
    with transaction(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    told = refused("db", "current")
    assert told["code"] == "database_newer"
    assert "更新的版本升级到 9999" in told["message"]
    for command in (("db", "upgrade"), ("check", "ledger"), ("bills", "explain", "ZD1")):
        assert refused(*command) == told
    with pytest.raises(Relayed) as up:  # as `wuye up` and `wuye demo` meet it
        upgrade_apart({"WUYE_HOME": str(config.home)})
    assert (up.value.code, up.value.message) == (told["code"], told["message"])
    assert run(["doctor", "--json"]) == 2, "the same refusal, beside all else there is to say"
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["error"]) == (False, told)
    checks = {each["name"]: each for each in said["checks"]}
    assert (checks["tables"]["state"], checks["tables"]["says"]) == ("problem", told["message"])

    copy = backup.back_up(config, tmp_path / "copies")
    with pytest.raises(DatabaseNewer, match="9999"):
        backup.restore(second, copy.file)
    assert not (second.home / "postgres").exists(), "nothing was begun"
    with transaction(engine) as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()
    settings.cache_clear()
