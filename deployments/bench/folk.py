"""Makes the people of a measured town look like people: names, phones, families, WeCom, vacancies."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from deployments.bench.people import GIVEN, SURNAMES

NAMES = """
    UPDATE person SET name = substr(:surnames, 1 + (id % 30)::int, 1)
               || substr(:given, 1 + (id / 30 % 32)::int, 1)
               || substr(:given, 1 + (id / 960 % 32)::int, 1),
           phone_masked = '174****' || lpad((id % 10000)::text, 4, '0'),
           phone_sealed = '\\x00', phone_blind = sha256(convert_to(id::text, 'UTF8'))
     WHERE community_id = :town"""
FAMILIES = """
    INSERT INTO person (community_id, name)
    SELECT :town, substr(:surnames, 1 + (id % 30)::int, 1) || substr(:given, 1 + (id % 32)::int, 1)
      FROM room WHERE community_id = :town AND id % 3 = 0 ORDER BY id"""
AT_HOME = """
    INSERT INTO occupancy (room_id, person_id, role, relation, from_on)
    SELECT r.id, p.id, 'family', '配偶', DATE '2020-01-01'
      FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM room
             WHERE community_id = :town AND id % 3 = 0) r
      JOIN (SELECT id, row_number() OVER (ORDER BY id) n FROM person
             WHERE community_id = :town AND phone_blind IS NULL) p USING (n) ORDER BY r.id"""
MOVED_AWAY = """
    INSERT INTO person (community_id, name)
    SELECT :town, '徐搬走' || n FROM generate_series(1, :rooms / 50) n"""
BOUND = """
    INSERT INTO person_channel (community_id, person_id, external_userid, follower_userid, bound_at)
    SELECT community_id, id, 'wm' || id, 'bench', DATE '2024-01-01'
      FROM person WHERE community_id = :town AND phone_blind IS NOT NULL AND id % 10 < 7"""
HANDED_OVER = """
    UPDATE room SET handover_on = DATE '2020-01-01' + (id % 900)::int
     WHERE community_id = :town AND id % 7 > 0"""
VACANT = """
    INSERT INTO room_vacancy (room_id, from_on)
    SELECT id, DATE '2024-01-01' FROM room WHERE community_id = :town AND id % 50 = 0"""
IMPORTS = """
    INSERT INTO import_batch (community_id, kind, file_name, sha256, workbook, status, created_at,
                              actor_name)
    SELECT :town, (ARRAY['owners', 'readings', 'charges'])[1 + n % 3], '第' || n || '批.xlsx',
           n::text, '', 'applied', DATE '2024-01-01' + n, '测速经理'
      FROM generate_series(1, 200) n"""
STANDING = """
    SELECT keep_stays(people), keep_reach(people)
      FROM (SELECT array_agg(id) people FROM person WHERE community_id = :town) of_town"""
LIVES = (NAMES, FAMILIES, AT_HOME, MOVED_AWAY, BOUND, STANDING, HANDED_OVER, VACANT, IMPORTS)


def settle(session: Session, town: int, rooms: int) -> None:
    """A family member in every third room, 2 % of people moved away, 2 % of rooms vacant."""
    values = {"town": town, "rooms": rooms, "surnames": SURNAMES, "given": GIVEN}
    for statement in LIVES:
        session.execute(text(statement), values)
