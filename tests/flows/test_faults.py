"""What breaks in a step is told by kind and place: Prefect keeps every word of an exception."""

import pytest
from sqlalchemy import text

from domain.errors import Invalid
from domain.session import transaction
from flows import importing
from flows import office as flow_office
from flows.faults import quoting_nobody
from flows.owner_import import ImportForm, owner_import
from tests.factories.office import Office
from tests.flows.running import told_by_prefect

NAME, PHONE = "欧阳文静", "13800138000"


def quoting(*_args: object, **_named: object) -> None:
    """A fault that quotes a row."""
    raise ValueError(f"{NAME} {PHONE}")


def refused_by_the_database(*_args: object, **_named: object) -> None:
    """A statement whose values cannot be."""
    with transaction(flow_office.engine()) as session:
        session.execute(text("SELECT cast(:phone AS int)"), {"phone": f"x{PHONE} {NAME}"})


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("prefect")
def test_a_flow_that_breaks_leaves_nobodys_name_behind(
    prefect_api: str, committed: Office, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    for fault in (quoting, refused_by_the_database):
        monkeypatch.setattr(importing, "check_batch", fault)
        with pytest.raises(Exception, match=r"ValueError，|22P02"):
            owner_import(ImportForm(batch=1))
    said = "".join([*told_by_prefect(prefect_api), caplog.text])
    assert NAME not in said
    assert PHONE not in said
    assert "ValueError，" in said
    assert "test_faults.py" in said, "where it broke"


def test_refusals_keep_their_sentence() -> None:
    def refuses() -> None:
        raise Invalid("请先检查")

    with pytest.raises(Invalid, match="请先检查"):
        quoting_nobody(refuses)()
