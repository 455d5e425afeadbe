"""The operator after closing time: started again, killed in parts and as a whole, started again.

Nothing of the day is lost, nothing is done twice, and every end but kill -9 is an orderly one.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

from deployments.stack.databases import BUSINESS, PREFECT, embedded_url
from deployments.stack.ending import is_alive
from deployments.stack.home import running
from deployments.stack.ports import is_free, some_free
from deployments.stack.rest import answers
from tests.scenes import books, flow_runs
from tests.scenes.terminal import Terminal, until

LAST_SENDER = """
    SELECT state_type FROM flow_run WHERE name = '投递消息' ORDER BY start_time DESC LIMIT 1
"""
LATE_WORDS = "INSERT INTO company (id, name) VALUES (7, '青山物业')"


def serves_again(terminal: Terminal, last_sender: set[str]) -> None:
    """`wuye up` on yesterday's data, with everything at work; a second one is refused."""
    terminal.up()
    assert "流程没有变化" in terminal.words, "the second start registers nothing"
    at = terminal.ports
    assert answers(f"{at.gateway_url}/readyz")
    assert answers(f"{at.sandbox_url}/_sandbox/health")
    ended = {flow_runs.state(terminal, run) for run in last_sender}
    assert ended == {"CANCELLED"}, "an orderly stop is no crash"

    second = terminal.wuye("up", "--port", str(some_free()))
    assert (second.returncode, second.stdout) == (2, "")
    assert f"已经有一套系统在运行：{at.gateway_url}" in second.stderr
    assert flow_runs.to_the_end(terminal, "ledger-check/nightly") == "COMPLETED"


def a_killed_sender_is_replaced(terminal: Terminal) -> set[str]:
    """The run that sends after that.

    Within seconds by the automation; Prefect's events may get lost, then by the schedule.
    """
    killed = flow_runs.keepers(terminal)
    flow_runs.kill_9(terminal, killed)

    def another() -> set[str]:
        return flow_runs.under_way(terminal, flow_runs.LETTERS) - killed

    found: set[str] = until(another, "another sender", within=330)
    return found


def everything_is_killed(terminal: Terminal) -> None:
    """Every process at once, without a word, right after something was written."""
    connection = psycopg2.connect(embedded_url(terminal.home, BUSINESS))
    with closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(LATE_WORDS)
    assert terminal.kill_9() == []


def recovers_by_itself(terminal: Terminal, killed: set[str]) -> Any:
    """`wuye demo --once` on what the kill left; the answer is what it says it did.

    Looked at while it runs: the lost runs are told from the others, their places are taken again.
    """
    with ThreadPoolExecutor(1) as second_terminal:
        once = ("demo", "--once", "--json", "--port", str(terminal.ports.gateway))
        said = second_terminal.submit(terminal.wuye, *once)
        health = f"{terminal.ports.prefect_url}/api/health"
        until(lambda: said.done() or answers(health), "Prefect serves again")
        assert not said.done(), said.result().stderr
        with nobody_pays(terminal):  # and so the story does not end before we have looked
            flow_runs.keepers(terminal, after=killed)
            assert {flow_runs.state(terminal, run) for run in killed} == {"CRASHED"}
            everything = terminal.processes()
        done = said.result()
    assert [process for process in everything if is_alive(process)] == []
    is_stopped(terminal)
    assert "已标为中断" in done.stderr
    assert "流程没有变化" in done.stderr
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)


@contextmanager
def nobody_pays(terminal: Terminal) -> Iterator[None]:
    """Whoever takes money waits meanwhile."""
    connection = psycopg2.connect(embedded_url(terminal.home, BUSINESS))
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE payment IN SHARE MODE")
        yield


def is_stopped(terminal: Terminal) -> None:
    """Nothing serves, nothing is in the way of the next start."""
    at = terminal.ports
    assert all(is_free(port) for port in (at.gateway, at.prefect, at.sandbox))
    assert running(terminal.home) is None


def nothing_was_lost_or_doubled(terminal: Terminal, before: dict[str, int]) -> None:
    """Held against the books of the evening; the database alone is started for it."""
    with books.reopened(terminal.home):
        assert books.counts(terminal.home) == before, "starting again doubles nothing"
        late = books.ask(terminal.home, "SELECT name FROM company WHERE id = 7")
        assert late == [{"name": "青山物业"}], "what was written just before kill -9"
        last = books.ask(terminal.home, LAST_SENDER, database=PREFECT)
        assert last == [{"state_type": "CANCELLED"}], "an orderly stop is no crash"
