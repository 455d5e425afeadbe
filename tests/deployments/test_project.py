"""The menu, the environment and the pipeline keep their promises."""

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
TARGETS = ("setup", "demo", "serve", "doctor", "test", "lint", "format", "bench", "lock", "clean")


def make(*arguments: str) -> str:
    done = subprocess.run(
        ["make", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_make_alone_prints_the_menu_with_every_target() -> None:
    menu = make()
    for target in TARGETS:
        assert f"make {target} " in menu


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_can_be_planned(target: str) -> None:
    assert make("--dry-run", target) or target == "setup"


def test_ci_runs_what_a_developer_runs() -> None:
    lines = (PROJECT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make lint", "make test"]
    assert (PROJECT / ".ci" / "run").stat().st_mode & 0o100


def test_the_lock_is_pinned_with_hashes_and_names_no_index() -> None:
    lock = (PROJECT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[a-z])", lock)[1:]
    assert len(entries) > 100
    assert [e for e in entries if "==" not in e or "--hash=sha256:" not in e] == []
    assert not re.search(r"https?://|^--.*index", lock, re.MULTILINE)


def test_every_direct_dependency_is_locked() -> None:
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.match(r"[A-Za-z0-9_.-]+", each)[0].lower() for each in wanted}  # type: ignore[index]
    locked = set(
        re.findall(
            r"^([a-z0-9_.-]+)(?:\[.*?\])?==",
            (PROJECT / "requirements.lock").read_text(),
            re.MULTILINE,
        )
    )
    assert names - locked == set()


def test_the_containers_and_the_checkout_agree() -> None:
    docker = (PROJECT / "deployments" / "Dockerfile").read_text()
    assert "requirements.lock" in docker
    assert "--require-hashes" in docker
