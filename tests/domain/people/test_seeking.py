"""People are found by their names exactly as if every name were read."""

from collections.abc import Sequence
from random import Random

import pytest
from sqlalchemy import select, text

from domain.people import seeking
from domain.people.model import Person
from tests.factories.office import Office

SIGNS = "欧阳文静平郑a1%_\\/'·"
SOUGHT = (
    "平",
    "文静",
    "静",
    "欧阳",
    "郑a",
    "%",
    "_",
    "\\",
    "/",
    "%_",
    "a1",
    "'",
    "平平",
    "不",
    "平·",
)
FAR = 10_000


@pytest.fixture
def people(office: Office) -> Office:
    """Names of one to four signs, those that mean something to a database among them."""
    chance = Random("names")
    office.session.add_all(
        Person(
            community_id=office.community.id,
            name="".join(chance.choices(SIGNS, k=chance.randint(1, 4))),
        )
        for _ in range(1_500)
    )
    office.session.flush()
    return office


def plainly(office: Office, words: str, most: int) -> Sequence[int]:
    """The same by reading every name."""
    rows = office.session.execute(select(Person.id, Person.name)).all()
    held = [row for row in rows if words in row.name]
    # Names are in the order of their signs' numbers, whatever the language.
    held.sort(key=lambda row: (not row.name.startswith(words), row.name, row.id))
    return [row.id for row in held[:most]]


@pytest.mark.parametrize("words", SOUGHT)
@pytest.mark.parametrize("most", [1, 30, FAR])
def test_who_begins_so_comes_first_then_who_holds_it(people: Office, words: str, most: int) -> None:
    found = seeking.named(people.session, words, most=most)
    assert found == plainly(people, words, most)


def test_there_is_somebody_for_nearly_every_word(people: Office) -> None:
    found = {words: len(plainly(people, words, FAR)) for words in SOUGHT}
    assert [words for words, count in found.items() if not count] == ["不"]


def test_only_names_one_may_look_at_are_looked_at(people: Office) -> None:
    odd = Person.id % 2 == 1
    every = seeking.named(people.session, "平", most=FAR)
    assert seeking.named(people.session, "平", odd, most=FAR) == [one for one in every if one % 2]


def test_the_signs_of_names_have_an_index(people: Office) -> None:
    session = people.session
    for way in ("seqscan", "indexscan", "indexonlyscan"):
        session.execute(text(f"SET LOCAL enable_{way} = off"))
    asked = select(Person.id).where(seeking.may_hold("平"))
    said = asked.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    plan = session.scalars(text(f"EXPLAIN {said}")).all()
    assert any("ix_person_signs" in line for line in plan), plan
