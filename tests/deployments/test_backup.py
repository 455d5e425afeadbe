"""A copy of the database, and its way back into an empty one."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from deployments import backup, migrate
from deployments.backup import DatabaseNotEmpty
from deployments.stack.database import ensure_database
from deployments.stack.home import Home
from deployments.stack.postgres import EmbeddedPostgres
from domain.session import connect, transaction
from gateway.settings import Settings


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
