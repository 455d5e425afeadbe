"""What the database refuses is told without the values: errors end in logs and in flow runs."""

import traceback

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from domain.company.model import Community
from domain.session import connect, transaction
from tests.factories.office import Office

NAME, PHONE = "欧阳文静", "13800138000"


def told(error: DBAPIError) -> str:
    """Everything a log would keep: the error, its causes, its trace."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.orig)


def test_a_rule_is_named_and_the_row_it_refused_is_not(office: Office) -> None:
    office.session.add(Community(company_id=office.company.id, name=NAME))
    office.session.flush()
    office.session.add(Community(company_id=office.company.id, name=NAME))
    with pytest.raises(IntegrityError) as refused:
        office.session.flush()
    said = told(refused.value)
    assert NAME not in said
    assert "23505 community" in str(refused.value)
    assert refused.value.orig.diag.constraint_name in str(refused.value)


@pytest.mark.parametrize(
    ("statement", "code"),
    [("SELECT cast(:value AS int)", "22P02"), ("SELECT no_such_function(:value)", "42883")],
)
def test_no_value_stands_in_any_other_refusal_either(
    engine: Engine, statement: str, code: str
) -> None:
    with pytest.raises(DBAPIError) as refused, transaction(engine) as session:
        session.execute(text(statement), {"value": f"x{PHONE}"})
    assert PHONE not in told(refused.value)
    assert code in str(refused.value)


def test_a_lost_connection_says_what_it_always_said() -> None:
    nowhere = connect("postgresql://nobody@127.0.0.1:1/none", patience_s=1)
    with pytest.raises(OperationalError, match="Connection refused"), transaction(nowhere) as lost:
        lost.execute(text("SELECT 1"))
    nowhere.dispose()
