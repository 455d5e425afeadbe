"""A new data key in front: everything is sealed with it again, and reads and undoes as before."""

import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from domain.imports import batches
from domain.imports.model import ImportBatch, ImportChange
from domain.people import rotation
from domain.people.model import Person
from domain.people.resealing import NOTHING, printed
from domain.vault import DataKeysInvalid, Vault, new_key_setting
from tests.domain.imports.sheets import bring, everything, number, person, room, undo
from tests.factories.office import Office

K1, K2 = new_key_setting("k1"), new_key_setting("k2")
OLD, BOTH, NEW = (Vault.from_setting(text) for text in (K1, f"{K2},{K1}", K2))
PHONE, OTHER, ID = "17400000001", "17400000002", number(1)


@pytest.fixture
def office(office: Office) -> Office:
    """The office while the old key is the only one."""
    office.vault = OLD
    return office


def rotate(session: Session, vault: Vault = BOTH) -> rotation.Resealed:
    """Everything in one go."""
    done = rotation.reseal_people(session, vault, rotation.people_behind(session, vault))
    for batch in rotation.workbooks_behind(session, vault):
        assert rotation.reseal_workbook(session, vault, batch)
    rotation.forget_undone(session)
    session.flush()
    session.expire_all()
    return done


def persons(session: Session) -> list[Person]:
    return list(session.scalars(select(Person).order_by(Person.id)))


def records(session: Session) -> str:
    return json.dumps([list(one) for one in session.scalars(select(ImportChange.writes))])


def test_people_read_and_are_found_with_the_new_key_alone(office: Office) -> None:
    office.person("丁一", phone=PHONE)
    office.person("朱梅")
    assert rotate(office.session) == rotation.Resealed(people=1, records=0)
    reached, silent = persons(office.session)
    assert NEW.open(reached.phone_sealed or b"") == PHONE
    assert reached.phone_blind == NEW.blind(PHONE)
    assert silent.phone_sealed is None


def test_a_second_time_there_is_nothing_to_do(office: Office) -> None:
    bring(office, room("1-1-101", person(phone=PHONE, idn=ID)))
    rotate(office.session)
    before = everything(office.session), records(office.session)
    assert rotation.people_behind(office.session, BOTH) == []
    assert rotation.workbooks_behind(office.session, BOTH) == []
    assert rotate(office.session) == rotation.Resealed(0, 0)
    assert (everything(office.session), records(office.session)) == before


def test_imports_can_be_undone_after_a_rotation(office: Office) -> None:
    empty = everything(office.session)
    first, _ = bring(office, room("1-1-101", person(phone=PHONE, idn=ID)))
    second, tally = bring(office, room("1-1-101", person(phone=OTHER, idn=ID)))
    assert tally.changed == 1
    assert rotate(office.session) == rotation.Resealed(people=1, records=2)
    assert undo(office, second) == []
    [stored] = persons(office.session)
    assert NEW.open(stored.phone_sealed or b"") == PHONE
    assert stored.phone_blind == NEW.blind(PHONE)
    assert undo(office, first) == []
    assert everything(office.session) == empty


def test_no_trace_of_the_old_key_is_left_in_records(office: Office) -> None:
    bring(office, room("1-1-101", person(phone=PHONE, idn=ID)))
    bring(office, room("1-1-101", person(phone=OTHER, idn=ID)))
    undone, _ = bring(office, room("1-1-102", person("朱梅", phone=OTHER)))
    undo(office, undone)
    old = [printed(OLD.blind(value))[2:] for value in (PHONE, OTHER, ID)] + [b"k1\0".hex()]
    assert all(trace in records(office.session) for trace in old)
    rotate(office.session)
    assert not [trace for trace in old if trace in records(office.session)]


def test_what_was_edited_since_an_import_stays_edited(office: Office) -> None:
    batch, _ = bring(office, room("1-1-101", person(phone=PHONE)))
    [stored] = persons(office.session)
    stored.phone_sealed, stored.phone_blind = BOTH.seal(OTHER), BOTH.blind(OTHER)
    office.session.flush()
    assert rotate(office.session).records == 1, "an index value of a number nobody knows"
    assert NOTHING in [
        write["after"].get("phone_blind")
        for writes in office.session.scalars(select(ImportChange.writes))
        for write in writes
    ]
    assert rotation.people_behind(office.session, BOTH) == []
    assert len(undo(office, batch)) == 1, "kept, for somebody edited it"


def test_workbooks_open_with_the_new_key_alone(office: Office) -> None:
    number_, _ = bring(office, room())
    batch = office.session.get_one(ImportBatch, number_)
    batch.annotated = OLD.seal_bytes(b"copy")
    office.session.flush()
    rotate(office.session)
    assert batches.workbook(NEW, batch) == b"PK"
    assert batches.annotated(NEW, batch) == b"copy"


def test_a_value_whose_key_is_missing_is_left_and_told(office: Office) -> None:
    office.person("丁一", phone=PHONE)
    bring(office, room("1-1-101", person("朱梅", phone=OTHER)))
    lost, _ = persons(office.session)
    lost.phone_sealed = Vault.from_setting(new_key_setting("k0")).seal(PHONE)
    office.session.flush()
    batch = office.session.scalars(select(ImportBatch)).one()
    batch.workbook = Vault.from_setting(new_key_setting("k0")).seal_bytes(b"PK")
    office.session.flush()
    behind = rotation.people_behind(office.session, BOTH)
    done = rotation.reseal_people(office.session, BOTH, behind)
    assert (done.people, done.unreadable) == (1, (lost.id,))
    assert rotation.reseal_workbook(office.session, BOTH, batch.id) is False
    assert rotation.people_behind(office.session, BOTH) == [lost.id]
    with pytest.raises(DataKeysInvalid):
        BOTH.open(lost.phone_sealed)


def test_a_person_who_is_gone_leaves_no_index_value_behind(office: Office) -> None:
    bring(office, room("1-1-101", person(phone=PHONE)))
    office.session.execute(text("DELETE FROM occupancy"))
    office.session.execute(text("DELETE FROM person"))
    rotate(office.session)
    assert printed(OLD.blind(PHONE))[2:] not in records(office.session)


def test_two_keys_of_one_id_are_refused() -> None:
    with pytest.raises(DataKeysInvalid):
        Vault.from_setting(f"{K1},{new_key_setting('k1')}")


def test_a_new_entry_takes_the_next_free_number() -> None:
    assert BOTH.new_entry().startswith("k3:")
    assert Vault.from_setting(new_key_setting("city")).new_entry().startswith("k1:")
