"""Runs one command line and turns what went wrong into words: the error contract of the command."""

import contextlib
import io
import logging
import sys

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError, UsageError
from typer.main import get_command

from deployments.cli.commands import app
from deployments.cli.output import as_one_line
from deployments.cli.wording import in_chinese, sentence, settings_trouble
from domain.errors import BackOfficeError

REFUSED, INTERRUPTED = 2, 130
AWAY = (
    "数据库刚才连不上了，这个命令没有做完。请过一会儿再运行；收款和退款请先核对有没有记上，再重做。"
)
GARBLED = "命令里有认不出的字符，请在 UTF-8 的终端里输入，或先给文件改名。"


def run(arguments: list[str]) -> int:
    """The exit code. With `--json` a refusal is one JSON object on stdout, else a line on stderr."""
    _printable()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    if _garbled(arguments):
        return refuse("usage", GARBLED, as_json="--json" in arguments)
    try:
        if not arguments or "--help" in arguments:
            return _help(arguments)
        return _call(arguments)
    except BackOfficeError as refusal:
        return refuse(refusal.code, refusal.message, as_json="--json" in arguments)
    except NoArgsIsHelpError as bare:
        words = in_chinese(bare.ctx.get_help()) if bare.ctx else ""
        return refuse("usage", words, as_json="--json" in arguments)
    except ClickException as wrong:
        usage = f"{sentence(wrong)} 用 {_which(wrong)} --help 看用法。"
        return refuse("usage", usage, as_json="--json" in arguments)
    except typer.Abort:
        return INTERRUPTED
    except ValueError:
        if not (trouble := settings_trouble()):
            raise
        return refuse("settings_invalid", trouble, as_json="--json" in arguments)
    except Exception as broken:
        if not _database_away(broken):
            raise
        return refuse("database_unreachable", AWAY, as_json="--json" in arguments)


def refuse(code: str, message: str, *, as_json: bool) -> int:
    """Say it where it belongs; the answer is the exit code."""
    if as_json:
        print(as_one_line({"error": {"code": code, "message": message}}))
    else:
        print(message, file=sys.stderr)
    return REFUSED


def _printable() -> None:
    """A terminal that has no Chinese gets its escapes, never an error in the middle of a sentence."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _garbled(arguments: list[str]) -> bool:
    """Bytes that are no UTF-8 (a GBK terminal, an old file name): neither storable nor printable."""
    return any("\ud800" <= sign <= "\udfff" for sign in "".join(arguments))


def _database_away(broken: Exception) -> bool:
    """Whether the connection broke in mid-command, as pages and flows see it. Imports nothing."""
    return any(
        isinstance(broken, (library.OperationalError, library.InterfaceError))
        for name in ("sqlalchemy.exc", "psycopg2")
        if (library := sys.modules.get(name))
    )


def _call(arguments: list[str]) -> int:
    code = get_command(app).main(arguments, prog_name="wuye", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _help(arguments: list[str]) -> int:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = _call(arguments or ["--help"])
    print(in_chinese(said.getvalue()), end="")
    return code


def _which(wrong: ClickException) -> str:
    context = wrong.ctx if isinstance(wrong, UsageError) else None
    return context.command_path if context else "wuye"
