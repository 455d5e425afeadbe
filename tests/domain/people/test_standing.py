"""What the database keeps beside a name is what the entries say, whoever writes them and how."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.people.model import Occupancy, OccupancyRole, Person, PersonChannel
from domain.people.standing import REACHED, holds, homeless
from domain.session import transaction
from domain.vault import Vault
from tests.factories.office import Office
from tests.support.waiting import wait_until_somebody_waits

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
DAYS = [date(2026, 1, 1) + timedelta(days=30 * n) for n in range(12)]
KEPT = "SELECT id, owner_since, family_since, tenant_since, reached_since FROM person ORDER BY id"
SAID = """
    SELECT p.id,
           min(o.from_on) FILTER (WHERE o.role = 'owner'),
           min(o.from_on) FILTER (WHERE o.role = 'family'),
           min(o.from_on) FILTER (WHERE o.role = 'tenant'),
           (SELECT min(bound_at) FROM person_channel c
             WHERE c.person_id = p.id AND c.broken_reason IS NULL)
      FROM person p LEFT JOIN occupancy o ON o.person_id = p.id AND o.to_on IS NULL
     GROUP BY p.id ORDER BY p.id"""


def stays(chance: random.Random, rooms: list[int], people: list[int]) -> list[dict[str, object]]:
    """A few entries of one statement."""
    found = []
    for _ in range(chance.randint(1, 3)):
        start, end = sorted(chance.sample(DAYS, 2))
        found.append({
            "room_id": chance.choice(rooms), "person_id": chance.choice(people),
            "role": chance.choice(list(OccupancyRole)), "from_on": start,
            "to_on": chance.choice([None, end]), "is_payer": False,
        })  # fmt: skip
    return found


def channels(chance: random.Random, office: Office, people: list[int]) -> dict[str, object]:
    return {
        "community_id": office.community.id, "person_id": chance.choice(people),
        "external_userid": f"wm{chance.random()}", "follower_userid": "manager",
        "bound_at": datetime.combine(chance.choice(DAYS), office.at.timetz()),
        "broken_reason": chance.choice([None, "客户已删除"]),
    }  # fmt: skip


def acts(
    chance: random.Random, office: Office, rooms: list[int], people: list[int]
) -> list[Callable[[], object]]:
    """One way of writing each: many at once, moved to somebody else, ended, taken out."""
    session, one = office.session, chance.choice(people)
    entry = Occupancy.id.in_(select(Occupancy.id).order_by(Occupancy.id.desc()).limit(2))
    return [
        lambda: session.execute(insert(Occupancy), stays(chance, rooms, people)),
        lambda: session.execute(update(Occupancy).where(entry).values(person_id=one)),
        lambda: session.execute(
            update(Occupancy).where(entry).values(role=chance.choice(list(OccupancyRole)))
        ),
        lambda: session.execute(
            update(Occupancy)
            .where(Occupancy.person_id == one)
            .values(to_on=chance.choice([None, *DAYS]))
        ),
        lambda: session.execute(update(Occupancy).where(entry).values(from_on=chance.choice(DAYS))),
        lambda: session.execute(delete(Occupancy).where(entry)),
        lambda: session.execute(insert(PersonChannel), [channels(chance, office, people)]),
        lambda: session.execute(
            update(PersonChannel)
            .where(PersonChannel.person_id == one)
            .values(broken_reason=chance.choice([None, "客户已删除"]))
        ),
        lambda: session.execute(update(PersonChannel).values(person_id=one)),
        lambda: session.execute(delete(PersonChannel).where(PersonChannel.person_id == one)),
    ]


def lists_agree(session: Session, on: date) -> None:
    """Every filter of the list of people against the entries themselves."""
    rows = session.execute(select(Occupancy.person_id, Occupancy.role, Occupancy.from_on,
                                  Occupancy.to_on)).all()  # fmt: skip
    there = {(one, role) for one, role, start, end in rows if start <= on < (end or date.max)}
    everybody = set(session.scalars(select(Person.id)))
    for role in OccupancyRole:
        found = set(session.scalars(select(Person.id).where(holds(role, on))))
        assert found == {one for one, held in there if held is role}
    found = set(session.scalars(select(Person.id).where(homeless(on))))
    assert found == everybody - {one for one, _ in there}
    works = select(PersonChannel.person_id).where(PersonChannel.broken_reason.is_(None))
    found = set(session.scalars(select(Person.id).where(REACHED)))
    assert found == set(session.scalars(works))
    found = set(session.scalars(select(Person.id).where(~REACHED)))
    assert found == everybody - set(session.scalars(works))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_is_what_the_entries_say(office: Office, seed: int) -> None:
    chance, done = random.Random(seed), 0
    rooms = [office.room(f"1-1-10{n}", owner=None).id for n in range(3)]
    people = [office.person(f"潘{n}").id for n in range(5)]
    for _ in range(60):
        act = chance.choice(acts(chance, office, rooms, people))
        try:
            with office.session.begin_nested():
                act()
            done += 1
        except IntegrityError:
            pass  # days that meet, or the wrong way round: nothing may have changed by them
        kept, said = (office.session.execute(text(one)).all() for one in (KEPT, SAID))
        assert kept == said
        lists_agree(office.session, chance.choice(DAYS))
    assert done > 20


def test_who_pays_is_nothing_that_is_kept(engine: Engine, vault: Vault) -> None:
    """So whoever only pays from now on is not held up by an act that writes about them."""
    with transaction(engine) as session:
        office = Office(session, vault, at=AT)
        office.lives(office.room("1-1-101", owner=None), office.person("潘超"))
    with transaction(engine) as other:
        other.execute(select(Person.id).with_for_update(key_share=True))
        with transaction(engine) as session:
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            session.execute(update(Occupancy).values(is_payer=False))
    with transaction(engine) as session:
        assert not session.scalars(select(Occupancy.is_payer)).one()


def test_two_acts_about_one_person_at_once_are_both_kept(engine: Engine, vault: Vault) -> None:
    with transaction(engine) as session:
        office = Office(session, vault, at=AT)
        owner = office.person("潘超").id
        home, other = (office.room(code, owner=None).id for code in ("1-1-101", "1-1-102"))

    def move_in(room: int, role: OccupancyRole, since: date) -> None:
        with transaction(engine) as session:
            session.add(Occupancy(room_id=room, person_id=owner, role=role, from_on=since))

    second = Thread(target=move_in, args=(other, OccupancyRole.TENANT, DAYS[2]))
    with transaction(engine) as session:
        entry = Occupancy(room_id=home, person_id=owner, role=OccupancyRole.TENANT, from_on=DAYS[1])
        session.add(entry)
        session.flush()
        second.start()
        wait_until_somebody_waits(engine)
    second.join(timeout=30)
    with transaction(engine) as session:
        assert session.scalars(select(Person.tenant_since)).one() == DAYS[1]
