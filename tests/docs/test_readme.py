"""What the READMEs say of commands, settings and flows is so."""

import json
import re
from pathlib import Path

import pytest

from deployments.cli.run import run
from deployments.demo import community as demo
from deployments.stack.ports import DEFAULT
from tests.architecture.source import ROOT, kept_files
from tests.docs import facts, markdown, tables

READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PROMISED = (
    "up", "demo", "doctor", "db upgrade", "db current", "import owners", "import undo",
    "bills run", "bills explain", "pay counter", "check ledger", "bench bill-run", "bench import",
    "wecom decrypt",
)  # fmt: skip
"""Command lines that scripts rely on, whatever else there is."""

both = pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)


@both
def test_the_two_commands_come_first(page: Path) -> None:
    blocks = markdown.fences(page.read_text("utf-8"), "sh")
    assert [block.strip() for block in blocks[:2]] == ["make demo", "make test"]


@both
def test_every_setting_is_listed_as_it_is(page: Path) -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in rows_of(page, r"`WUYE_\w+`")}
    assert told == {each.name: each.default or "–" for each in facts.settings()}


@both
def test_every_command_is_listed_and_exists(page: Path) -> None:
    told = {row[0].strip("`") for row in rows_of(page, r"`wuye [^`]+`")}
    assert told == set(facts.verbs())


def test_the_promised_commands_exist() -> None:
    assert {f"wuye {verb}" for verb in PROMISED} <= set(facts.verbs())


def test_every_command_says_in_chinese_what_it_does() -> None:
    mute = [path for path, words in facts.verbs().items() if not re.search("[一-鿿]", words)]
    assert mute == []


@both
def test_every_flow_is_listed_with_its_times(page: Path) -> None:
    told = {row[0].strip("`"): row[1] for row in rows_of(page, r"`[a-z-]+/[a-z-]+`")}
    assert set(told) == {each.name for each in facts.deployments()}
    for each in facts.deployments():
        assert re.findall(r"`([^`]*\*[^`]*)`", told[each.name]) == list(each.crons), each.name


@pytest.mark.parametrize("name", list(tables.TABLES))
def test_the_chinese_tables_are_current(name: str) -> None:
    page = tables.PAGE.read_text("utf-8")
    assert tables.with_table(page, name) == page, "run: python -m tests.docs.tables"


def test_an_outdated_table_would_be_seen() -> None:
    page = tables.PAGE.read_text("utf-8").replace(
        "| `WUYE_HOME` | `.wuye` |", "| `WUYE_HOME` | x |"
    )
    assert tables.with_table(page, "settings") != page


def rows_of(page: Path, pattern: str) -> list[list[str]]:
    """The table rows whose first cell is this."""
    rows = markdown.rows(page.read_text("utf-8"))
    return [row for row in rows if re.fullmatch(pattern, row[0])]


OF_THE_STACK = {"WUYE_STACK_HOME", "WUYE_SOURCE"}
"""Set by the stack for its own processes, not by people."""


def strange_settings(text: str) -> set[str]:
    """WUYE_* names that no setting has."""
    names = set(re.findall(r"\bWUYE_[A-Z][A-Z_]*[A-Z]\b", text))
    return names - {each.name for each in facts.settings()} - OF_THE_STACK


def test_every_setting_that_is_named_anywhere_exists() -> None:
    places = [name for name in kept_files() if name.parts[0] != "tests"]
    found = {
        str(name): strange
        for name in places
        if name.suffix in (".md", ".yaml", ".yml", ".example", "") and (ROOT / name).is_file()
        if (strange := strange_settings((ROOT / name).read_text("utf-8", errors="replace")))
    }
    assert found == {}


def test_a_setting_that_does_not_exist_would_be_seen() -> None:
    assert strange_settings("set WUYE_HOME and WUYE_COLOUR") == {"WUYE_COLOUR"}


def commands() -> list[tuple[str, str]]:
    """(page, line) of every shell line in every page's fences."""
    return [
        (page.relative_to(ROOT).as_posix(), line.strip().removeprefix("$ "))
        for page in markdown.pages()
        for body in markdown.fences(page.read_text("utf-8"), "sh")
        for line in body.replace("\\\n", " ").splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]


def wrong(line: str) -> str:
    """Why a documented command line cannot work; empty if it can."""
    words = re.sub(r"^((sudo|exec|[A-Z_]+=\S+) +)+", "", line).split()
    program = words[0].rpartition("/")[2] if words else ""
    if program == "make":
        unknown = [w for w in words[1:] if re.fullmatch(r"[a-z][\w-]*", w) and w not in targets()]
        return f"no make target {unknown[0]}" if unknown else ""
    if program == "wuye":
        known = [path.split()[1:] for path in facts.verbs()]
        found = any(words[1 : 1 + len(verb)] == verb for verb in known)
        return "" if found or words[1:] in ([], ["--help"]) else f"no command {' '.join(words[:3])}"
    if program.startswith("python") and words[1:2] == ["-m"]:
        module = ROOT.joinpath(*words[2].split("."))
        ours = module.with_suffix(".py").exists() or (module / "__init__.py").exists()
        return "" if ours or words[2] in ("pytest", "venv", "pip") else f"no module {words[2]}"
    return ""


def targets() -> set[str]:
    """What `make` can be asked for."""
    return set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_every_documented_command_exists() -> None:
    assert len(commands()) >= 6
    found = [f"{page}: {line}: {why}" for page, line in commands() if (why := wrong(line))]
    assert found == []


@pytest.mark.parametrize("line", ["make dinner", "wuye bills bake", "python -m domain.nothing"])
def test_a_command_that_does_not_exist_would_be_seen(line: str) -> None:
    assert wrong(line)


def test_the_documented_way_to_make_a_key_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert all("`wuye keys new`" in page.read_text("utf-8") for page in READMES)
    assert run(["keys", "new", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert re.fullmatch(r"k1:[A-Za-z0-9+/]{43}=", made["entry"])
    assert not list(tmp_path.iterdir()), "asked for a key, it touches nothing"


@both
def test_the_demo_is_called_by_its_names(page: Path) -> None:
    text = page.read_text("utf-8")
    assert demo.COMMUNITY in text
    assert f"wuye desk link --user {demo.CASHIER}" in text
    assert {login: name for login, name, _ in demo.COLLEAGUES}[demo.CASHIER] in text


@both
def test_the_addresses_are_those_of_the_stack(page: Path) -> None:
    text = page.read_text("utf-8")
    for url in (DEFAULT.gateway_url, DEFAULT.prefect_url, DEFAULT.sandbox_url):
        assert url in text
