"""`wuye bench` on something small: it measures, and proves what it measured."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from deployments.bench import asking, billing, importing, pages, resting, screens
from deployments.bench.people import write_owners
from deployments.cli.run import run
from domain.vault import new_key_setting
from gateway.excel.owners import read_owners
from gateway.settings import settings


@pytest.fixture
def own_server(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[None]:
    """The bench makes its scratch database on the tests' server."""
    before = dict(os.environ)
    os.environ |= {
        "WUYE_HOME": str(tmp_path / "home"), "WUYE_DATABASE_URL": database_url,
        "WUYE_DATA_KEYS": new_key_setting(), "WUYE_SECRET_KEY": "made-for-this-test",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }  # fmt: skip
    settings.cache_clear()
    yield
    os.environ.clear()
    os.environ |= before
    settings.cache_clear()


def test_it_tells_rows_ratio_and_memory(
    own_server: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deployments.bench.importing.REPEATS", 1)
    assert run(["bench", "import", "--rows", "300", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == 300
    assert {"seconds", "ceiling_seconds", "ratio", "rows_per_s"} <= set(told)
    assert 30 < told["peak_rss_mb"] < 400


def test_counts_that_differ_stop_it(own_server: None, database_url: str) -> None:
    with pytest.raises(importing.NotTheSame):
        importing._check(database_url, {"new": 7}, 7)


def test_its_people_are_taken_without_a_refusal(tmp_path: Path) -> None:
    book = tmp_path / "owners.xlsx"
    write_owners(book, 500)
    read = read_owners(book.read_bytes())
    assert (len(read.rows), read.refused) == (500, [])
    assert len({row.code for row in read.rows}) == 500
    assert len({owner.phone for row in read.rows for owner in row.owners}) == 500


def test_bare_sql_that_writes_something_else_stops_it(engine: Engine) -> None:
    billing._require_same(engine, (0, 0, 0, 0, 0, 0))
    with pytest.raises(billing.NotTheSame):
        billing._require_same(engine, (1, 100, 3, 100, 1, 2))


def test_callbacks_are_measured_over_real_http_and_all_there(
    own_server: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bench", "callbacks", "--per-second", "40", "--seconds", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sent"], told["answered"], told["errors"], told["events"]) == (40, 40, 0, 36)
    assert 0 < told["p50_ms"] <= told["p99_ms"] <= told["slowest_ms"]


def test_screens_are_measured_over_real_http(
    own_server: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "CHOICES", 1)
    monkeypatch.setattr(pages, "MIXED", 1)
    monkeypatch.setattr(asking, "REPEATS", 1)
    monkeypatch.setattr(screens, "SLOWEST", 1)
    every_list = pages.lists
    monkeypatch.setattr(pages, "lists", lambda http, words: every_list(http, words[:1]))
    all_pages = screens.desk_pages
    monkeypatch.setattr(
        screens, "desk_pages", lambda *asked: {k: v[:3] for k, v in all_pages(*asked).items()}
    )
    monkeypatch.setattr(screens, "THINK_SECONDS", 0.2)
    monkeypatch.setattr(screens, "CALM_SECONDS", 0.1)
    monkeypatch.setattr(resting, "REST_SECONDS", 0.001)
    small = ["--rooms", "200", "--months", "2", "--people", "5", "--seconds", "1"]
    assert run(["bench", "screens", *small, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rooms"], told["months"], told["people"]) == (200, 2, 5)
    assert told["lists"] >= 15
    assert told["list_addresses"] > 2 * told["lists"]
    assert told["visits"] >= 4
    assert told["hammered_per_s"] > 0
    assert told["calm"]["visits"] > 0
    assert told["calm"]["offered_per_s"] == 50
    assert told["slower_after_rest"] > 0
    assert 0 < told["lists_p50_ms"] <= told["lists_p95_ms"]
    assert {"/desk/bills?late=yes", "owner"} <= told["db_ms"].keys()
    assert told["db_ratio"] > 0
