"""Who may write a status, read a clock, commit, or speak SQL."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.guards.guard import (
    Finding,
    Guard,
    called,
    calls,
    dotted,
    line_of,
    speaks_sql,
    texts,
)
from tests.architecture.source import Source

SANDBOX = "gateway/sandbox"  # imports none of ours, so it cannot touch our rows or our time
BENCH = "deployments/bench"  # measures the bare database as the ceiling of what we do with it


def status_written(file: Source) -> Iterator[Finding]:
    """Any way to set a status column other than by `fire` and `fire_many`."""
    if file.under("statemachines/engine.py", SANDBOX):
        return
    door = "only statemachines/engine.py (fire, fire_many) writes a status"
    for node in file.nodes:
        if isinstance(node, ast.Attribute) and _written(file, node):
            yield line_of(node), f"`{file.said(node)} =`: {door}"
    for call in calls(file):
        if _sets_status(file, call):
            yield line_of(call), f"`{called(call) or 'values'}` with a status: {door}"
    for line, text in texts(file):
        if re.search(r"\bUPDATE\b.*\bSET\b[^;]*\bstatus\s*=", text, re.IGNORECASE | re.DOTALL):
            yield line, f"SQL that sets a status: {door}"


def _written(file: Source, node: ast.Attribute) -> bool:
    """A status set, unless an answer or an error sets its own; in domain `self` may be a row."""
    own = isinstance(node.value, ast.Name) and node.value.id == "self"
    set_here = node.attr == "status" and not isinstance(node.ctx, ast.Load)
    return set_here and not (own and file.under("gateway", "deployments"))


def _sets_status(file: Source, call: ast.Call) -> bool:
    name = called(call).rpartition(".")[2]
    if name in ("setattr", "__setattr__"):
        return any(isinstance(a, ast.Constant) and a.value == "status" for a in call.args)
    if name == "values" and "update(" in file.said(call.func):
        return _names_status(call)
    if name == "on_conflict_do_update":
        return any(k.arg == "set_" and _has_key(k.value) for k in call.keywords)
    return name == "fire_many" and any(k.arg == "also" and _has_key(k.value) for k in call.keywords)


def _names_status(call: ast.Call) -> bool:
    return any(k.arg == "status" for k in call.keywords) or any(map(_has_key, call.args))


def _has_key(node: ast.AST) -> bool:
    keys = node.keys if isinstance(node, ast.Dict) else []
    return any(
        (isinstance(key, ast.Constant) and key.value == "status")
        or (isinstance(key, ast.Attribute) and key.attr == "status")
        for key in keys
    )


STATUS = Guard(
    "a status is written only behind the one door",
    status_written,
    bad=(
        ("domain/x.py", "bill.status = BillStatus.PAID"),
        ("statemachines/bill.py", "bill.status = S.PAID"),
        ("domain/x.py", "self.status = BillStatus.PAID"),
        ("flows/x.py", "setattr(bill, 'status', paid)"),
        ("domain/x.py", "session.execute(update(Bill).where(Bill.id == 1).values(status='paid'))"),
        ("domain/x.py", "session.execute(update(Bill).values({Bill.status: 'paid'}))"),
        ("domain/x.py", "text('UPDATE bill SET paid_fen = 1, status = 2')"),
        ("domain/x.py", "for bill.status in names: pass"),
        ("domain/x.py", "q.on_conflict_do_update(set_={'status': 'paid'})"),
        ("statemachines/x.py", "fire_many(s, BILL, 'issue', also={'status': 'paid'})"),
    ),
    good=(
        ("statemachines/engine.py", "thing.status = dest"),
        ("domain/x.py", "owed = bill.status == BillStatus.PAID"),
        ("domain/x.py", "session.execute(update(Bill).values(paid_fen=1))"),
        ("gateway/sandbox/x.py", "draft.status = 'sent'"),
        ("gateway/wecom/x.py", "self.status = 502"),
    ),
)

CLOCKS = {
    f"{owner}{name}"
    for owner, names in {
        "datetime.": ("now", "utcnow", "today"),
        "datetime.datetime.": ("now", "utcnow", "today"),
        "date.": ("today",),
        "datetime.date.": ("today",),
        "time.": ("time", "time_ns", "localtime", "gmtime", "ctime"),
        "func.": ("now", "current_date", "current_timestamp", "clock_timestamp"),
    }.items()
    for name in names
}
SQL_CLOCK = re.compile(
    r"\bnow\(\)|\bcurrent_(date|timestamp|time)\b|clock_timestamp\(\)", re.IGNORECASE
)


def clock_read(file: Source) -> Iterator[Finding]:
    """Reads of a clock that is not ours, and of ours below the edges."""
    if file.under("domain/clock.py", "gateway/sandbox/clock.py"):
        return
    for call in calls(file):
        name = called(call)
        if name in CLOCKS:
            yield line_of(call), f"`{name}()`: ask domain.clock, or take `at` / `on`"
        if name in ("clock.now", "clock.today") and file.under("domain", "statemachines"):
            yield line_of(call), f"`{name}()`: what is true and what is allowed receive `at` / `on`"
    for line, text in texts(file):
        if speaks_sql(text) and (hit := SQL_CLOCK.search(text)):
            yield line, f"SQL reads the clock ({hit.group()}): pass `at` / `on` as a parameter"


CLOCK = Guard(
    "one clock, read only at the edges",
    clock_read,
    bad=(
        ("domain/x.py", "at = datetime.now(UTC)"),
        ("gateway/x.py", "on = date.today()"),
        ("deployments/x.py", "import time\nstarted = time.time()"),
        ("statemachines/x.py", "from domain import clock\nat = clock.now()"),
        ("domain/x.py", "select(func.now())"),
        ("domain/x.py", "text('SELECT * FROM bill WHERE due_on < CURRENT_DATE')"),
    ),
    good=(
        ("domain/clock.py", "at = datetime.now(UTC)"),
        ("flows/x.py", "at = clock.now()"),
        ("deployments/x.py", "deadline = time.monotonic() + 8"),
        ("domain/x.py", "'说明：now() 不可用'"),
    ),
)


def committed(file: Source) -> Iterator[Finding]:
    """Commits away from the session edge."""
    if file.under("domain/session.py", SANDBOX, BENCH):
        return
    for call in calls(file):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit":
            yield line_of(call), "commit: only `domain.session.transaction` commits"


COMMIT = Guard(
    "one act, one commit, at the session edge",
    committed,
    bad=(
        ("flows/x.py", "session.commit()"),
        ("statemachines/x.py", "self.session.commit()"),
        ("gateway/x.py", "office().session().commit()"),
    ),
    good=(
        ("domain/session.py", "session.commit()"),
        ("flows/x.py", "with transaction(engine()) as session: pass"),
    ),
)

PLUMBING = {"Engine", "Connection", "Session"}
ASKING = {"execute", "scalar", "scalars", "exec_driver_sql", "query", "stream"}


def sql_spoken(file: Source) -> Iterator[Finding]:
    """Selects and statements in flows and pages."""
    if not file.under("flows", "gateway/web"):
        return
    home = "questions have names and live in domain/"
    for node in file.nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
            names = {alias.name for alias in node.names} - PLUMBING
            if node.module != "sqlalchemy.exc" and names:
                yield line_of(node), f"imports {', '.join(sorted(names))} of sqlalchemy: {home}"
        if isinstance(node, ast.Call) and (verb := dotted(node.func).rpartition(".")[2]) in ASKING:
            yield line_of(node), f"`.{verb}(`: {home}"
    for line, text in texts(file):
        if re.search(
            r"\b(SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM)\b", text, re.DOTALL
        ):
            yield line, f"SQL in a text: {home}"


SQL = Guard(
    "no SQL in flows and pages",
    sql_spoken,
    bad=(
        ("flows/x.py", "from sqlalchemy import select"),
        ("gateway/web/desk/x.py", "from sqlalchemy import func, text"),
        ("flows/x.py", "rows = session.scalars(question)"),
        ("gateway/web/x.py", "q = 'SELECT id FROM bill'"),
    ),
    good=(
        ("domain/x.py", "from sqlalchemy import select"),
        (
            "flows/x.py",
            "from sqlalchemy import Engine\nfrom sqlalchemy.exc import OperationalError",
        ),
        ("gateway/web/x.py", "from sqlalchemy.orm import Session\nbill = bills.by_no(session, no)"),
    ),
)
