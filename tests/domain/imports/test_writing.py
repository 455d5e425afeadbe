"""Writing sets: exact texts, columns to the last, earlier values kept, nothing overwritten unseen."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import FetchedValue, select, update

from domain.bulk import Copy, as_text
from domain.imports.model import ImportChange
from domain.imports.writes import ORDER, Difference, RowPlan, change
from domain.imports.writing import BLOCK, FIRST, DataMoved, write_all
from domain.models import metadata
from domain.people.model import Person
from domain.rooms.model import Building
from tests.domain.imports.sheets import bring, charge, counts, dial, many, number, person, room
from tests.factories.office import Office

AWKWARD = "\\N\t\"引号'\n换行\r反斜杠\\"


def test_any_text_survives_the_copy(office: Office) -> None:
    row = {"community_id": str(office.community.id), "code": AWKWARD, "name": "空\0字符"}
    row["name"] = as_text("building", "name", row["name"]) or ""
    Copy.of("building", list(row), [row]).send(office.session)
    stored = office.session.scalars(select(Building)).one()
    assert (stored.code, stored.name) == (AWKWARD, "空字符")


@pytest.mark.parametrize("odd", ["plain", "\\N", "\\", "a\tb", "a\nb", "a\rb", "\u2028", "名字"])
def test_one_odd_text_leaves_its_neighbours_alone(office: Office, odd: str) -> None:
    given = [("丁一", None), (odd, "174****0001"), ("杜安", odd)]
    rows = [
        {
            "community_id": str(office.community.id),
            "kind": "natural",
            "name": name,
            "phone_masked": m,
        }
        for name, m in given
    ]
    columns = ["phone_masked", "birth_on", "name", "kind", "community_id"]
    Copy.of("person", columns, rows).send(office.session)
    stored = office.session.execute(select(Person.name, Person.phone_masked).order_by(Person.id))
    assert [tuple(row) for row in stored] == given


def test_no_text_is_taken_for_none() -> None:
    assert b"\0" in Copy.of("building", ["code", "name"], [{"code": "1", "name": "a\0b"}]).lines
    assert Copy.of("building", ["code", "name"], []).lines == b""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, None),
        (True, "true"),
        (Decimal("98.5"), "98.50"),
        (Decimal("98.505"), "98.51"),
        (b"\x00\xff", "\\x00ff"),
        (date(2026, 11, 1), "2026-11-01"),
        (7, "7"),
    ],
)
def test_values_read_as_postgresql_writes_them(value: object, said: str | None) -> None:
    assert as_text("room_area", "built_area", value) == said


def test_every_column_the_database_would_fill_is_named(office: Office) -> None:
    """Else an edit of it could not be told from its default. What the database works out from the
    other columns (a meter's building) nobody edits.
    """
    office.fee("parking", name="车位费", basis="fixed")
    bring(office, room("1-1-101", person(idn=number(1)), family=[("朱梅", "配偶")]))
    bring(office, dial(1))
    bring(office, charge())
    changes = office.session.scalars(select(ImportChange.writes)).all()
    named = {write["table"]: set(write["after"]) for writes in changes for write in writes}
    assert set(named) == set(ORDER)
    for table, columns in named.items():
        filled = {
            column.name for column in metadata.tables[table].columns
            if not column.nullable and column.name != "id"
            and type(column.server_default) is not FetchedValue
        }  # fmt: skip
        assert filled <= columns, table


def test_the_record_of_a_change_holds_the_earlier_ciphertext(office: Office) -> None:
    bring(office, room())
    before = bytes(office.session.scalars(select(Person.phone_sealed)).one())
    batch, _ = bring(office, room("1-1-101", person(phone="17400000009")))
    writes = office.session.scalars(select(ImportChange.writes).filter_by(batch_id=batch)).one()
    assert writes[0]["before"]["phone_sealed"] == f"\\x{before.hex()}"


@pytest.mark.parametrize("name", [AWKWARD, "\\", "\\\\N", "a\tb\nc", '"\u2028'])
def test_the_record_says_any_text_as_it_is(office: Office, name: str) -> None:
    bring(office, room("1-1-101", person(name)))
    writes = office.session.scalars(select(ImportChange.writes)).one()
    assert [w["after"]["name"] for w in writes if w["table"] == "person"] == [name]
    assert office.session.scalars(select(Person.name)).one() == name


def test_what_moved_since_the_plan_is_not_overwritten(office: Office) -> None:
    batch, _ = bring(office, room())
    stored = office.session.scalars(select(Building)).one()
    office.session.execute(update(Building).values(name="别的名字"))
    late = change("building", stored.id, {"name": "1栋"}, {"name": "新名字"})
    with pytest.raises(DataMoved):
        write_all(office.session, batch, [RowPlan(2, Difference.CHANGED, [late])])


def test_a_long_sheet_is_written_block_by_block(office: Office) -> None:
    rows = [room(f"1-1-{n}", row=n) for n in range(1, FIRST + BLOCK + 51)]
    _, tally = bring(office, *rows)
    assert counts(tally) == {"new": FIRST + BLOCK + 50}
    assert (many(office.session, ImportChange), many(office.session, Person)) == (
        FIRST + BLOCK + 50,
        1,
    )
