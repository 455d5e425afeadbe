"""A month's bill runs for every community: one run each, of the same deployment."""

from typing import Any

from prefect.deployments import run_deployment

from domain.company import queries as companies
from domain.session import transaction
from flows.office import engine, step


def one_run_per_community(month: str) -> dict[str, Any]:
    """Start this deployment for every community, beside none that still runs or waits."""
    names = community_names()
    for name in names:
        start_one(name, month)
    return {"started": names}


def start_one(name: str, month: str) -> str:
    """The Prefect run of this community and month. Where it has ended, well or red, a new one: it
    finds in the database what is done, and goes on.
    """
    key = last = f"bill-run {name} {month}"
    while True:
        run: Any = run_deployment(
            "bill-run/monthly",
            parameters={"form": {"community": name, "month": month}},
            idempotency_key=last,
            timeout=0,
            as_subflow=False,
        )
        if run.state is None or not run.state.is_final():
            return str(run.id)
        last = f"{key} after {run.id}"


@step("列出小区")
def community_names() -> list[str]:
    """Every community."""
    with transaction(engine()) as session:
        return companies.names(session)
