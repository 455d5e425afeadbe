"""Schemathesis over the whole API: what the OpenAPI document promises is what programs get."""

import warnings
from collections.abc import Iterator

import pytest

from domain import clock
from domain.session import transaction
from tests.gateway.web.api.conftest import token_of
from tests.gateway.web.api.doors import DOORS
from tests.gateway.web.doors import place

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
    ("POST /meters/{meter_id}/readings", "how far a dial can have turned, and which days are over"),
    ("POST /people/{person_id}/reveal", "a reason without anybody's number in it"),
    ("POST /fee-items/{fee_id}/prices", "which days and tiers an item can have"),
    (
        "POST /fee-items/{fee_id}/charges",
        "that an end comes after its beginning; which rooms are there",
    ),
    ("POST /fee-items/{fee_id}/charges/{charge_id}/end", "that an end comes after its beginning"),
    (
        "POST /fee-items/{fee_id}/shared-costs",
        "that an end comes after its beginning; what is shared",
    ),
    ("POST /fee-items/{fee_id}/shared-costs/trial", "the same"),
    ("POST /fee-items/{fee_id}/shared-costs/{cost_id}/take-back", "whether an item is shared"),
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


def findings(engine, reached: set[str]) -> Iterator[tuple[str, str]]:
    """(operation and check, what is wrong with a request that shows it); notes what answered 2xx."""
    for event in engine.execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            yield "error", repr(event)
        if isinstance(event, events.ScenarioFinished):
            answers = [one.response for one in event.recorder.interactions.values()]
            if any(answer is not None and answer.status_code < 300 for answer in answers):
                reached.add(str(event.label))
            for check in [one for many in event.recorder.checks.values() for one in many]:
                if (found := check.failure_info) is not None:
                    said = f"{found.failure.title}: {found.failure.message}\n{found.code_sample}"
                    yield f"{event.label} {check.name}", said


@pytest.mark.timeout(300)  # half a minute's work, on a machine that others use, too
@pytest.mark.filterwarnings("ignore")  # third parties' own
def test_schemathesis_finds_nothing(app, engine, vault):
    with transaction(engine) as session:
        office = place.build(session, vault, clock.now(), name="本园小区", building="61").office
    here = {"community_id": office.community.id, "company_id": office.company.id}
    admin = place.people(engine, ["admin"], **here)["admin"]
    schema = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", app, config=config(token_of(engine, admin))
    )
    reached: set[str] = set()
    found = dict(findings(from_schema(schema), reached))
    assert not found, "\n\n".join(f"{where}\n{said}" for where, said in found.items())
    reads = {door.named for door in DOORS if door.method == "GET"}
    assert reads <= reached, "it never got to see an answer of these"
