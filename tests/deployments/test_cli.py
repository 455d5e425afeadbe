"""The `wuye` command: quick help in Chinese, and one contract for everything that goes wrong."""

import json
import os
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from deployments.cli.commands import COMMANDS
from deployments.cli.run import run

PROJECT = Path(__file__).parents[2]
FRAMEWORK = ("output", "run", "serving", "telling", "wording", "commands")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("arguments", [(), ("--help",)])
def test_help_lists_every_command_in_chinese(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, _ = said(capsys, *arguments)
    assert code == 0
    assert "用法：wuye" in out
    assert [line.split()[0] for line in out.partition("命令：\n")[2].splitlines()] == list(COMMANDS)


HELP_AND_TELL = """
import sys
from deployments.cli.run import run
run(["--help"])
print([n for n in ("prefect", "sqlalchemy", "alembic", "fastapi") if n in sys.modules])
"""


def test_help_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP_AND_TELL],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert isinstance(import_module(COMMANDS[name].module).app, typer.Typer)
    code, out, _ = said(capsys, name, "--help")
    assert code == 0
    assert f"用法：wuye {name}" in out
    assert "Options" not in out


def test_every_module_of_commands_is_in_the_table() -> None:
    modules = {file.stem for file in (PROJECT / "deployments" / "cli").glob("[a-z]*.py")}
    known = {entry.module.rpartition(".")[2] for entry in COMMANDS.values()}
    assert modules - known - set(FRAMEWORK) == set()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nope", "没有 nope 这个命令。 用 wuye --help 看用法。"),
        ("up --prot 1", "没有 --prot 这个选项。 用 wuye up --help 看用法。"),
        ("up --port x", "选项 --port 的值不对，请填整数。 用 wuye up --help 看用法。"),
        ("up --port 80", "选项 --port 的值不对，最小 1024。 用 wuye up --help 看用法。"),
        ("up --port 99999", "选项 --port 的值不对，最大 65533。 用 wuye up --help 看用法。"),
        (
            "import template 水表 x",
            "参数 KIND 的值不对，可填：owners、readings、charges。 用 wuye import template --help 看用法。",
        ),
        (
            "bills reverse --by a --note b",
            "请给出 --bill，或者同时给出 --community 和 --period。 用 wuye bills reverse --help 看用法。",
        ),
        ("db nope", "没有 nope 这个命令。 用 wuye db --help 看用法。"),
        ("wecom decrypt", "缺少选项 --token 。 用 wuye wecom decrypt --help 看用法。"),
    ],
)
def test_wrong_usage_is_a_sentence_and_2(
    capsys: pytest.CaptureFixture[str], typed: str, sentence: str
) -> None:
    assert said(capsys, *typed.split()) == (2, "", f"{sentence}\n")
    code, out, err = said(capsys, *typed.split(), "--json")
    assert (code, err) == (2, "")
    assert json.loads(out)["error"]["code"] == "usage"


def test_a_refusal_is_json_or_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from gateway.settings import settings

    monkeypatch.setenv("WUYE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        words = said(capsys, "up", "--port", port)
        object_ = said(capsys, "demo", "--once", "--json", "--port", port)
    settings.cache_clear()
    other_port = int(port) + 100
    sentence = (
        f"端口 {port} 已被别的程序占用，请换一个，例如 make demo PORT={other_port}"
        f"，或 wuye up --port {other_port}。\n"
    )
    assert words[::2] == (2, sentence)
    assert object_[0] == 2
    assert json.loads(object_[1])["error"]["code"] == "port_taken"
    assert not (tmp_path / "home" / "postgres").exists(), "nothing was begun"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"WUYE_MASS_POLL_SECONDS": "x", "WUYE_ENVIRONMENT": "y"}, "WUYE_MASS_POLL_SECONDS"),
        ({"WUYE_DATABASE_URL": "mysql://somebody@somewhere/x"}, "WUYE_DATABASE_URL"),
        ({}, "UTF-8"),
    ],
)
def test_settings_nobody_can_read_are_refused_in_words(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    given: dict[str, str],
    words: str,
) -> None:
    from gateway.settings import settings

    monkeypatch.setenv("WUYE_HOME", str(tmp_path / "home"))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    if not given:  # saved by an editor that writes GBK
        (tmp_path / ".env").write_bytes("WUYE_BASE_URL=物业".encode("gbk"))
    settings.cache_clear()
    code, out, err = said(capsys, "db", "current", "--json")
    settings.cache_clear()
    assert (code, err) == (2, "")
    error = json.loads(out)["error"]
    assert error["code"] == "settings_invalid"
    assert words in error["message"]


def test_a_terminal_without_chinese_gets_escapes_and_whole_json() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deployments.cli", "nope", "--json"],
        cwd=PROJECT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, b"")
    assert "没有 nope 这个命令" in json.loads(done.stdout.decode("ascii"))["error"]["message"]


def test_a_bug_crashes_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.doctor.examine", lambda _settings: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        run(["doctor"])
