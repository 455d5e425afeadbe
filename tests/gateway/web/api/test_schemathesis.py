"""Schemathesis over the whole API: what the OpenAPI document promises is what programs get."""

import warnings
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from domain.session import transaction
from domain.staff.model import Staff
from tests.gateway.web.api.conftest import token_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # third parties' own deprecations
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema

SEED = 20261125
EXAMPLES = 3
NO_SCHEMA_SAYS_IT = [
    ("POST /imports", "what a good workbook is"),
    ("POST /flows/{flow}/{deployment}/runs", "what a deployment takes: Prefect's own schema does"),
    ("POST /people/{person_id}/reveal", "a reason without anybody's number in it"),
]
"""Where what fits the document may still be refused as 422."""
ACCEPTED = ["2xx", "401", "403", "404", "409", "5xx", "422"]


def config(token: str) -> SchemathesisConfig:
    """Every check there is, few examples, the same ones every time."""
    lenient = [
        {"include-name": name, "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}}
        for name, _why in NO_SCHEMA_SAYS_IT
    ]  # fmt: skip
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "headers": {"Authorization": f"Bearer {token}"},
            "generation": {
                "max-examples": EXAMPLES, "deterministic": True, "database": "none",
                "no-shrink": True,
            },
            "operations": lenient,
        }
    )  # fmt: skip


def findings(engine) -> Iterator[tuple[str, str]]:
    """(operation and check, what is wrong with a request that shows it)."""
    for event in engine.execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield "error", str(vars(event) if hasattr(event, "__dict__") else event)
        if isinstance(event, events.ScenarioFinished):
            for check in [one for many in event.recorder.checks.values() for one in many]:
                if (found := check.failure_info) is not None:
                    said = f"{found.failure.title}: {found.failure.message}\n{found.code_sample}"
                    yield f"{event.label} {check.name}", said


@pytest.mark.filterwarnings("ignore")  # third parties' own
def test_schemathesis_finds_nothing(app, engine, room):
    with transaction(engine) as session:
        manager = session.scalars(select(Staff).where(Staff.login == "manager")).one()
    schema = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", app, config=config(token_of(engine, manager))
    )
    found = dict(findings(from_schema(schema)))
    assert not found, "\n\n".join(f"{where}\n{said}" for where, said in found.items())
