"""The import flow through a real Prefect engine: by batch number, never with a file."""

import asyncio

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.exceptions import ParameterTypeError
from sqlalchemy import Engine, select

from domain.access import tokens
from domain.access.tokens import TokenNotFound
from domain.company.opening import ensure_company, open_community
from domain.errors import NotAllowedNow
from domain.history.actor import Actor
from domain.history.model import AuditEntry
from domain.imports import batches
from domain.imports.batches import BatchNotFound
from domain.imports.model import ImportKind
from domain.people.model import Person
from domain.session import transaction
from domain.staff.joining import join
from domain.vault import Vault
from flows import importing
from flows.owner_import import Action, ImportForm, owner_import
from gateway.excel.errors import WorkbookRefused
from tests.conftest import AT
from tests.flows.running import told_by_prefect
from tests.gateway.excel.workbooks import DATA

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("prefect")]


@pytest.fixture
def batch(engine: Engine, worker_environment: dict[str, str]) -> int:
    """The messy workbook, uploaded and checked."""
    with transaction(engine) as session:
        open_community(session, "翠湖花园")
    found = importing.check(
        engine, Vault.from_setting(worker_environment["WUYE_DATA_KEYS"]),
        community="翠湖花园", kind=ImportKind.OWNERS, file_name="业主.xlsx",
        data=(DATA / "owners-messy.xlsx").read_bytes(), by=Actor.operator(), at=AT,
    ).batch  # fmt: skip
    assert found is not None
    return found


def page(batch: int) -> str:
    """The newest artifact of the batch."""

    async def read() -> str:
        async with get_client() as client:
            wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[f"owner-import-{batch}"]))
            found = await client.read_artifacts(artifact_filter=wanted)
            return str(max(found, key=lambda one: one.created).data)

    return asyncio.run(read())


def test_check_apply_and_undo_a_batch(prefect_api: str, engine: Engine, batch: int) -> None:
    looked = owner_import(ImportForm(batch=batch))
    assert (looked["accepted"], looked["new"], looked["refused"]) == (36, 36, 13)
    assert "还没有导入" in page(batch)
    for _ in range(2):  # a run that comes again finds it done
        did = owner_import(ImportForm(batch=batch, action=Action.APPLY))
        assert did["new"] == 36
    told = page(batch)
    assert "| 11 | D | 业主姓名没有填写" in told
    known = people(engine)
    assert len(known) > 30
    said = "".join(told_by_prefect(prefect_api))
    assert not [one for one in known if one in said], "nobody of the workbook is named in Prefect"
    assert importing.status(engine, batch) == "applied"
    for _ in range(2):
        undone = owner_import(ImportForm(batch=batch, action=Action.UNDO))
        assert undone == {"batch": batch, "status": "undone", "kept": []}
    with pytest.raises(NotAllowedNow):
        owner_import(ImportForm(batch=batch, action=Action.APPLY))
    assert refusal(engine, batch) is None  # it came too late to say anything of the batch


def test_what_a_program_imports_is_told_with_its_token(
    prefect_api: str, engine: Engine, batch: int
) -> None:
    with transaction(engine) as session:
        company = ensure_company(session)
        li, wang = (
            join(session, company_id=company, login=login, name=login, role="service")
            for login in ("li", "wang")
        )
        token, other = (
            tokens.issue(
                session, person, name="对接程序", scopes=["imports.apply"], days=1,
                by=Actor.operator(), at=AT,
            )[1].id
            for person in (li, wang)
        )  # fmt: skip
    with pytest.raises(TokenNotFound):
        owner_import(ImportForm(batch=batch, action=Action.APPLY, by="li", token=other))
    owner_import(ImportForm(batch=batch, action=Action.APPLY, by="li", token=token))
    owner_import(ImportForm(batch=batch, action=Action.UNDO, by="li", token=token))
    with transaction(engine) as session:
        rows = session.execute(
            select(AuditEntry.action, AuditEntry.actor_name, AuditEntry.token_id).where(
                AuditEntry.subject == "import_batch", AuditEntry.actor_kind == "staff"
            )
        ).all()
    assert {(row.actor_name, row.token_id) for row in rows} == {("li", token)}
    assert len(rows) >= 2, "applied, and taken back"


def people(engine: Engine) -> set[str]:
    """The names of everybody who was imported, and what is shown of their phones."""
    with transaction(engine) as session:
        rows = session.execute(select(Person.name, Person.phone_masked)).all()
    return {one for row in rows for one in row if one}


def refusal(engine: Engine, batch: int) -> str | None:
    """What the page of the batch says is in the way."""
    with transaction(engine) as session:
        return batches.find(session, batch).summary.get(batches.REFUSAL)


def test_what_stands_in_the_way_is_kept_with_the_batch(
    prefect_api: str, engine: Engine, worker_environment: dict[str, str]
) -> None:
    vault = Vault.from_setting(worker_environment["WUYE_DATA_KEYS"])
    with transaction(engine) as session:
        place = open_community(session, "翠湖花园").id
        batch = batches.receive(
            session, vault, community_id=place, kind=ImportKind.OWNERS, file_name="坏的.xlsx",
            data=b"PK nothing", by=Actor.operator(), at=AT,
        ).id  # fmt: skip
    with pytest.raises(WorkbookRefused) as refused:
        owner_import(ImportForm(batch=batch))
    assert refusal(engine, batch) == refused.value.message
    with pytest.raises(BatchNotFound):
        owner_import(ImportForm(batch=batch + 1))


@pytest.mark.parametrize("form", [{}, {"batch": 0}, {"batch": 1, "action": "delete"}])
def test_a_form_that_cannot_be_is_refused_before_it_runs(form: dict[str, object]) -> None:
    with pytest.raises(ParameterTypeError):
        owner_import.validate_parameters({"form": form})
