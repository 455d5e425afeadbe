"""What the database keeps of people comes with their names, and is right however a sheet says it."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.domain.imports.sheets import bring, person, room, undo
from tests.domain.people.test_standing import KEPT, SAID
from tests.factories.office import Office

UPDATED = "SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'person'"
ALICE, BOB = person("丁一"), person("朱梅", "17400000002")


def agree(session: Session) -> None:
    kept, said = (session.execute(text(one)).all() for one in (KEPT, SAID))
    assert kept
    assert kept == said


def test_new_people_are_written_once(office: Office) -> None:
    family, before = [("朱小妹", "女儿")], office.session.scalar(text(UPDATED))
    bring(office, room("1-1-101", ALICE, BOB, family=family), room("1-1-102", ALICE, row=3))
    assert office.session.scalar(text(UPDATED)) == before
    agree(office.session)


def test_old_and_new_entries_of_a_person_are_seen_together(office: Office) -> None:
    old = office.person("丁一", phone="17400000001")
    office.lives(office.room("1-1-109", owner=None), old, since=date(2010, 1, 1))
    bring(office, room("1-1-101", ALICE), room("1-1-102", ALICE, row=3))
    agree(office.session)


def test_an_undone_import_leaves_what_is_left(office: Office) -> None:
    office.lives(office.room("1-1-109", owner=None), office.person("丁一", phone="17400000001"))
    batch, _ = bring(office, room("1-1-101", ALICE), room("1-1-102", BOB, row=3))
    assert undo(office, batch) == []
    agree(office.session)
