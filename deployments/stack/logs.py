"""One log file per process of the stack; the one before is kept beside it."""

from pathlib import Path

from deployments.stack.home import Home

TAIL_BYTES = 4000


def fresh_log(home: Home, name: str) -> Path:
    """An empty `logs/NAME.log`; what was there becomes `NAME.log.1`."""
    log = home.logs / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    log.touch()
    return log


def tail(log: Path, lines: int = 12) -> str:
    """The last lines, for the person who must find out what went wrong."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(text.splitlines()[-lines:])
