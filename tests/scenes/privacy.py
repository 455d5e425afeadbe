"""Whatever can be observed of a running stack, searched for the people it is about.

Logs, Prefect's whole database (parameters, names, tags, states, log lines, artifacts, events), the
metrics and health pages, and what our own records promise to keep without people.
"""

import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import psycopg2
from psycopg2 import sql

from deployments.stack import secrets
from deployments.stack.databases import PREFECT, embedded_url
from deployments.stack.home import Home
from domain.vault import Vault
from tests.scenes import books, flow_runs
from tests.scenes.terminal import Terminal
from tests.support.plain import plain

PEOPLE = "SELECT name, phone_sealed, id_number_sealed FROM person"
OURS = {
    "audit_entry": "SELECT detail::text AS said FROM audit_entry",
    "status_change": "SELECT note AS said FROM status_change WHERE note IS NOT NULL",
    "flow_start": "SELECT concat(key, parameters) AS said FROM flow_start",
    "bill_run": "SELECT summary::text AS said FROM bill_run",
    "bill_run_problem": "SELECT message AS said FROM bill_run_problem",
}
"""What our records promise to keep without people: a table, a question."""
TRICKS = ("forged", "malformed", "stale")
SEEN = {
    "logs/gateway.log": "/api/v1/people", "metrics": "wuye_", "the terminal": "业主收到账单",
    "prefect.flow_run": "出账 翠湖花园", "prefect.log": "等待审批", "prefect.artifact": "sunqi",
    "prefect.flow_run_state": "COMPLETED", "prefect.task_run": "计算", "prefect.deployment": "出账",
    "audit_entry": "way", "flow_start": "month", "bill_run": "by_item",
}  # fmt: skip
"""What must be met in the search: a scan that looks at nothing finds nobody either."""
CAN_NAME = re.compile(r"[0-9X-]{11,}|[^\x00-\x7f]+")
"""A number or a name stands within one of these; each is searched once, however often it is said."""


def people(home: Home) -> set[str]:
    """Every name, phone and ID number there is."""
    vault = Vault.from_setting(secrets.load(home)[secrets.DATA_KEYS])
    found = set()
    for row in books.ask(home, PEOPLE):
        sealed = (row["phone_sealed"], row["id_number_sealed"])
        found |= {row["name"], *(vault.open(bytes(one)) for one in sealed if one)}
    return found


def everybody_elses_day(terminal: Terminal) -> None:
    """Refusals of every kind, each with an owner's name and phone in it, and an owner who joins us."""
    known = people(terminal.home)
    name = max(one for one in known if not one[0].isdigit())
    phone = max(one for one in known if one.isdigit() and len(one) == 11)
    refusals(terminal, name, phone)
    box = f"{terminal.ports.sandbox_url}/_sandbox"
    for userid, silent in (("sunxin", False), ("sunqi", True)):  # told by an event, met by the sync
        news = {"staff": [{"userid": userid, "name": name, "mobile": phone}], "silent": silent}
        httpx.post(f"{box}/contacts", json=news, timeout=30).raise_for_status()
    event = {"Event": "enter_agent", "FromUserName": name, "Remark": phone}
    for trick in TRICKS:
        told = {"events": [event], "trick": trick}
        httpx.post(f"{box}/callback/send", json=told, timeout=30).raise_for_status()
    assert flow_runs.to_the_end(terminal, "staff-sync/nightly") == "COMPLETED"


def refusals(terminal: Terminal, name: str, phone: str) -> None:
    """A name and a phone in every part of a request, at every kind of door."""
    with httpx.Client(base_url=terminal.ports.gateway_url, timeout=30) as web:
        gets = (f"/desk/people?s={name}", f"/desk/{name}", f"/h5/b/{phone}", f"/act/{name}{phone}",
                f"/api/v1/people?q={phone}", f"/api/v1/{name}", "/wecom/callback?echostr=" + name)  # fmt: skip
        said = [web.get(path, headers={"User-Agent": phone}).status_code for path in gets]
        form = {"login": name, "password": phone, "note": name}
        posts = ("/desk/login/password", f"/desk/people/{phone}/reveal", "/desk/people/search")
        said += [web.post(path, data=form).status_code for path in posts]
        told = {"words": name, "phone": phone}
        said.append(web.post("/api/v1/people-search", json=told).status_code)
        said.append(web.post("/wecom/callback", content=f"<xml>{name}</xml>").status_code)
        said.append(web.put("/desk/people", content=name).status_code)
    assert all(400 <= one < 500 for one in said), said


def observed(terminal: Terminal) -> Iterator[tuple[str, str]]:
    """Everything somebody without rights in the desk may come to see: where, what."""
    for log in sorted((terminal.home.root / "logs").glob("*")):
        yield f"logs/{log.name}", log.read_text(encoding="utf-8", errors="replace")
    yield "the terminal", terminal.words
    for page in ("metrics", "healthz", "readyz"):
        yield page, httpx.get(f"{terminal.ports.gateway_url}/{page}", timeout=30).text
    yield from _tables(terminal.home)
    for table, question in OURS.items():
        yield table, "\n".join(row["said"] for row in books.ask(terminal.home, question))


def _tables(home: Home) -> Iterator[tuple[str, str]]:
    """Prefect's database, table by table, as text."""
    with (
        closing(psycopg2.connect(embedded_url(home, PREFECT))) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("SELECT row::text FROM {} row").format(sql.Identifier(table)))
            yield f"prefect.{table}", "\n".join(said for (said,) in cursor)


def finds(terminal: Terminal) -> list[str]:
    """Who is named where: `logs/worker.log: 3 names`, with the first of them and what is around."""
    wanted, found, unseen = people(terminal.home), list[str](), dict(SEEN)
    assert len(wanted) > 500, "names and phones of a whole community"
    assert all(CAN_NAME.fullmatch(one) for one in wanted)
    for where, told in observed(terminal):
        said = plain(told)
        if where in unseen and unseen[where] in said:
            del unseen[where]
        telling = "\n".join(set(CAN_NAME.findall(said)))
        hits = [one for one in wanted if one in telling]
        if hits:
            at = said.index(hits[0])
            around = said[max(0, at - 60) : at + 60]
            found.append(f"{where}: {len(hits)} people, e.g. {around!r}")
    assert not unseen, f"not looked at: {unseen}, {found}"
    return found
