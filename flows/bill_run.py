"""出账: draft, show, wait for a person, issue exactly what was approved, queue the letters.

Every step is one transaction and safe to run again: a resumed or restarted run enters from the top
and finds in the database what is done.
"""

from typing import Any

from prefect import flow, get_run_logger, suspend_flow_run
from prefect.runtime import deployment, flow_run
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import BaseModel, Field

from domain import clock
from domain.bills import auto_approval, chunks, decisions, drafting, letters, report, runs
from domain.bills.model import BillRun, BillRunStatus, Decision
from domain.bills.report import RunReport
from domain.company import queries as companies
from domain.fees.calc.periods import PeriodInvalid, parse_month
from domain.history.actor import Actor
from domain.session import transaction
from flows import artifacts, everywhere
from flows.office import engine, step
from flows.progress import run_chunks
from statemachines import bill_run as machine
from statemachines import supplement

CLOCK = Actor.clock("bill-run")
APPROVAL_SECONDS = 30 * 86_400


class BillRunForm(BaseModel):
    """出账参数"""

    community: str = Field(
        "",
        title="小区",
        description="小区名称；不填则为每个小区各开一批",
        json_schema_extra={"position": 0},
    )
    month: str = Field(
        "",
        title="账期",
        description="账单所属月份，如 2026-11；不填为本月",
        max_length=12,
        json_schema_extra={"position": 1},
    )


EVERYWHERE = BillRunForm()
"""Every community, this month."""


def run_name() -> str:
    """What operators see in the list of runs."""
    form = BillRunForm.model_validate(flow_run.parameters.get("form") or {})
    try:
        month = month_of(form)
    except PeriodInvalid:  # the flow says so; a name that fails would only crash the process
        month = form.month
    return f"出账 {form.community or '各小区'} {month}"


def month_of(form: BillRunForm) -> str:
    """The month as YYYY-MM; this one if none was given. Refuses what nobody can read."""
    return f"{parse_month(form.month) if form.month else clock.today():%Y-%m}"


@flow(
    name="bill-run",
    flow_run_name=run_name,
    task_runner=ThreadPoolTaskRunner(max_workers=2),  # type: ignore[arg-type]
    description="每月出账：冻结价格、计算草稿、与上期对比、等人审批、出账、通知业主。出过账的月份再运行，只补缺漏和红冲了的。",
)
def bill_run(form: BillRunForm = EVERYWHERE) -> dict[str, Any]:
    """出账。

    Args:
        form: 小区和账期
    """
    month = month_of(form)
    if not form.community:
        return everywhere.one_run_per_community(month)
    run_id = open_and_freeze(form.community, month)
    drafted = draft(run_id)
    decision = read_decision(run_id)
    if drafted or decision is None:  # shown again when a killed run comes back
        artifacts.variance(figures(run_id))
    if decision is None:
        decision = wait_for_decision(run_id)
    if decision is Decision.APPROVE:
        issue(run_id)
    outcome = figures(run_id)
    artifacts.closing(outcome)
    return outcome.as_json()


@step("冻结价格 {community} {month}")
def open_and_freeze(community: str, month: str) -> int:
    """The live run of the month, frozen and cut into chunks: of a month that is issued, a supplement
    if something is missing. After a resume, the run waited for.
    """
    at = clock.now()
    with transaction(engine()) as session:
        waited_for = runs.waiting_in(session, str(flow_run.id))
        if waited_for is not None:
            return waited_for
        place = companies.community(session, community)
        run = supplement.take_up(
            session, community_id=place.id, month=parse_month(month), by=CLOCK, at=at
        )
        return run.id


def draft(run_id: int) -> bool:
    """Compute what is still to be computed, then hand the figures over; whether that was due."""
    with transaction(engine()) as session:
        if session.get_one(BillRun, run_id).status is not BillRunStatus.DRAFTING:
            return False
        todo = [(chunk.id, chunk.title) for chunk in chunks.undrafted(session, run_id)]
    run_chunks(draft_chunk, todo, "计算账单")
    submit(run_id)
    return True


@step("计算 {title}")
def draft_chunk(chunk_id: int, title: str) -> int:  # noqa: ARG001 - names the task run
    """One chunk of drafts, in one transaction; how many lines."""
    with transaction(engine()) as session:
        return drafting.draft(session, chunk_id, at=clock.now())


@step("汇总并提交审批")
def submit(run_id: int) -> None:
    """Close drafting and ask the people who may decide."""
    with transaction(engine()) as session:
        machine.submit(session, run_id, by=CLOCK, at=clock.now())


def wait_for_decision(run_id: int) -> Decision | None:
    """Suspend until somebody decides, unless it just happened. The row is the truth, not the resume."""
    get_run_logger().info("等待审批：wuye bills run --approve-by 工号 批准，wuye bills reject 驳回")
    if deployment.id is None:  # started by hand: whoever called it decides
        return None
    if remember_waiting(run_id, str(flow_run.id)):
        suspend_flow_run(timeout=APPROVAL_SECONDS, key=f"approval-{flow_run.run_count}")
    return read_decision(run_id)


@step("读取审批结果")
def read_decision(run_id: int) -> Decision | None:
    """What a person decided, or the configured limits; None while nobody has."""
    with transaction(engine()) as session:
        run = session.get_one(BillRun, run_id, with_for_update=True)
        if run.status is BillRunStatus.AWAITING_APPROVAL and auto_approval.fits(session, run):
            machine.decide(
                session,
                run_id,
                Decision.APPROVE,
                by=CLOCK,
                at=clock.now(),
                note="在自动审批限额内",
            )
        word = decisions.of(session, run_id)
        return word.decision if word else None


@step("记下等待审批的运行")
def remember_waiting(run_id: int, prefect_run: str) -> bool:
    """So that the decision wakes this run; False if there is one already."""
    with transaction(engine()) as session:
        return runs.wait_in(session, run_id, prefect_run=prefect_run)


def issue(run_id: int) -> None:
    """Issue exactly what was approved, chunk by chunk, then queue one letter per payer."""
    run_chunks(issue_chunk, start_issue(run_id), "出账")
    run_chunks(tell_part, parts_to_tell(run_id), "通知业主")
    finish(run_id)


@step("开始出账")
def start_issue(run_id: int) -> list[tuple[int, str]]:
    """Open the issuing; the chunks still to be issued."""
    with transaction(engine()) as session:
        machine.start_issue(session, run_id, by=CLOCK, at=clock.now())
        return [(chunk.id, chunk.title) for chunk in chunks.unissued(session, run_id)]


@step("出账 {title}")
def issue_chunk(chunk_id: int, title: str) -> int:  # noqa: ARG001 - names the task run
    """Issue one chunk in one transaction; how many bills."""
    with transaction(engine()) as session:
        return machine.issue_chunk(session, chunk_id, by=CLOCK, at=clock.now())


@step("看要分几部分通知业主")
def parts_to_tell(run_id: int) -> list[tuple[int, int, int, str]]:
    """The payers of a large run in parts; a small one tells all with its end."""
    with transaction(engine()) as session:
        parts = letters.parts(session, session.get_one(BillRun, run_id))
    return [(run_id, n, parts, f"{n + 1}/{parts}") for n in range(parts) if parts > 1]


@step("通知业主 {title}")
def tell_part(run_id: int, part: int, parts: int, title: str) -> int:  # noqa: ARG001 - names the task run
    """The letters of one part of the payers, in one transaction; how many."""
    with transaction(engine()) as session:
        return machine.tell(session, run_id, part, parts, at=clock.now())


@step("完成出账并通知业主")
def finish(run_id: int) -> None:
    """Close the run and put the letters that are not there yet in the rack, in one commit."""
    with transaction(engine()) as session:
        machine.finish(session, run_id, by=CLOCK, at=clock.now())


@step("读取数字")
def figures(run_id: int) -> RunReport:
    """The figures of the run as they stand."""
    with transaction(engine()) as session:
        return report.of(session, run_id)
