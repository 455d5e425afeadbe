"""Moving in, moving out, and who pays from which day: as the calendar and the database allow."""

from datetime import UTC, date, datetime
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from domain.history.model import AuditEntry
from domain.people import living, paying
from domain.people.living import AlreadyLives, HasBills, PayerTaken, StayFacts, StayInvalid
from domain.people.model import Occupancy, OccupancyRole, Person
from domain.people.paying import AlreadyPays, NotThere
from domain.session import transaction
from tests.factories.office import Office
from tests.support.waiting import wait_until_somebody_waits

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
OWNER, TENANT = OccupancyRole.OWNER, OccupancyRole.TENANT
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)


@pytest.fixture
def home(office: Office):
    """A room of an owner who pays, and a tenant since spring who does not."""
    office.owner = office.person("潘超")
    office.room_ = office.room("1-1-101", owner=None)
    office.owning = office.lives(office.room_, office.owner)
    office.tenant = office.person("李租户")
    office.renting = office.lives(
        office.room_, office.tenant, role=TENANT, since=SPRING, pays=False
    )
    return office


def payers(office: Office) -> list[tuple[str, date, date | None]]:
    """(role, from, to) of everybody who pays for the room, in order."""
    rows = office.session.scalars(
        select(Occupancy).where(Occupancy.is_payer).order_by(Occupancy.from_on)
    )
    return [(row.role.value, row.from_on, row.to_on) for row in rows]


def test_a_tenant_pays_from_a_day_on_and_the_owner_keeps_the_days_before(home):
    paying.pay_from(home.session, home.renting, SUMMER, by=home.by, at=home.at)
    assert payers(home) == [("owner", date(2020, 1, 1), SUMMER), ("tenant", SUMMER, None)]
    rows = home.session.scalars(select(Occupancy).where(Occupancy.role == OWNER)).all()
    assert sorted((row.from_on, row.to_on, row.is_payer) for row in rows) == [
        (date(2020, 1, 1), SUMMER, True), (SUMMER, None, False),
    ]  # fmt: skip
    entry = home.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.action == "occupancy.payer"
    assert entry.subject_id == home.tenant.id


def test_paying_from_the_very_first_day_splits_nothing(home):
    home.owning.to_on = SPRING
    home.session.flush()
    paying.pay_from(home.session, home.renting, SPRING, by=home.by, at=home.at)
    assert payers(home) == [("owner", date(2020, 1, 1), SPRING), ("tenant", SPRING, None)]


@pytest.mark.parametrize(
    ("since", "refusal"), [(date(2026, 1, 1), NotThere), (SUMMER, AlreadyPays)]
)
def test_who_cannot_pay_from_then(home, since, refusal):
    row = home.renting if refusal is NotThere else home.owning
    with pytest.raises(refusal):
        paying.pay_from(home.session, row, since, by=home.by, at=home.at)
    assert payers(home) == [("owner", date(2020, 1, 1), None)]


def test_a_later_payer_is_not_written_over(home):
    paying.pay_from(home.session, home.renting, AUTUMN, by=home.by, at=home.at)
    earlier = home.session.scalars(
        select(Occupancy).where(Occupancy.role == TENANT, ~Occupancy.is_payer)
    ).one()
    with pytest.raises(PayerTaken):
        paying.pay_from(home.session, earlier, SUMMER, by=home.by, at=home.at)


def test_the_same_role_twice_on_one_day_is_refused_and_nothing_is_left(home):
    again = StayFacts(role=TENANT, from_on=SUMMER)
    with pytest.raises(AlreadyLives):
        living.move_in(home.session, home.room_, home.tenant, again, by=home.by, at=home.at)
    assert len(home.session.scalars(select(Occupancy)).all()) == 2


def test_a_room_of_another_community_is_refused(home):
    other = Office(home.session, home.vault, at=home.at, community="外园小区")
    room = other.room("1-1-101", owner=None)
    with pytest.raises(StayInvalid):
        living.move_in(
            home.session, room, home.tenant, StayFacts(role=TENANT, from_on=SUMMER),
            by=home.by, at=home.at,
        )  # fmt: skip


def test_moving_out_says_when_nobody_pays_from_then_on(home):
    assert not living.end(home.session, home.renting, AUTUMN, by=home.by, at=home.at)
    assert living.end(home.session, home.owning, AUTUMN, by=home.by, at=home.at)
    with pytest.raises(StayInvalid):
        living.end(home.session, home.renting, SPRING, by=home.by, at=home.at)


def test_an_entry_that_made_bills_stays(home):
    home.bill(home.room_, 10_000, payer=home.owner)
    with pytest.raises(HasBills):
        living.remove(home.session, home.owning, by=home.by, at=home.at)
    living.remove(home.session, home.renting, by=home.by, at=home.at)
    assert home.session.scalars(select(Occupancy)).all() == [home.owning]


def test_the_database_itself_refuses_two_payers(home):
    with pytest.raises(PayerTaken), living.together(home.session):
        home.renting.is_payer = True
    home.session.refresh(home.renting)
    assert not home.renting.is_payer


@pytest.mark.parametrize("first", [0, 1])
def test_an_act_about_two_people_holds_them_in_one_order(engine, vault, first):
    """Whoever pays now and whoever will: else two rooms that swap theirs would wait for each other."""
    with transaction(engine) as session:
        office = Office(session, vault, at=AT)
        people = [office.person(name) for name in ("潘超", "李租户")]
        room, by = office.room("1-1-101", owner=None), office.by
        office.lives(room, people[first])
        entry = office.lives(room, people[1 - first], role=TENANT, pays=False).id

    def change() -> None:
        with transaction(engine) as session:
            paying.pay_from(session, session.get_one(Occupancy, entry), SUMMER, by=by, at=AT)

    acting = Thread(target=change)
    one_by_one = select(Person.id).with_for_update(key_share=True, nowait=True)
    with transaction(engine) as other:
        other.execute(one_by_one.where(Person.id == people[1].id))
        acting.start()
        wait_until_somebody_waits(engine)
        with pytest.raises(OperationalError, match="could not obtain lock"):
            other.execute(one_by_one.where(Person.id == people[0].id))
        other.rollback()
    acting.join(timeout=30)
    with transaction(engine) as session:
        payers = select(Occupancy.person_id).where(Occupancy.is_payer, Occupancy.to_on.is_(None))
        assert session.scalars(payers).all() == [people[1 - first].id]
