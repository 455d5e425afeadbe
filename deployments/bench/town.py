"""A whole town by a handful of set-based statements: for measuring, not for reading."""

from sqlalchemy import text
from sqlalchemy.orm import Session

ROOMS_PER_BUILDING = 500
COMMUNITY = "测速小区"
MONTH = "2026-11"

BUILDINGS = """
    INSERT INTO building (community_id, code, name)
    SELECT :town, n::text, n || '栋' FROM generate_series(1, :buildings) n"""
ROOMS = """
    INSERT INTO room (community_id, building_id, entrance, door, code, kind)
    SELECT :town, b.id, '1', n::text, b.code || '-1-' || n, 'residential'
      FROM generate_series(1, :rooms) s(n)
      JOIN building b ON b.community_id = :town
       AND b.code = ((n - 1) / :per_building + 1)::text
     ORDER BY s.n"""
AREAS = """
    INSERT INTO room_area (room_id, built_area, indoor_area, from_on)
    SELECT id, 45 + (id % 9000) * 0.01, 40 + (id % 7000) * 0.01, DATE '2020-01-01'
      FROM room WHERE community_id = :town ORDER BY id"""
PEOPLE = """
    INSERT INTO person (community_id, name)
    SELECT :town, '业主' || id FROM room WHERE community_id = :town ORDER BY id"""
OWNERS = """
    INSERT INTO occupancy (room_id, person_id, role, is_payer, from_on)
    SELECT r.id, p.id, 'owner', TRUE, DATE '2020-01-01'
      FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM room WHERE community_id = :town) r
      JOIN (SELECT id, row_number() OVER (ORDER BY id) n FROM person WHERE community_id = :town) p
     USING (n) ORDER BY r.id"""
ITEMS = """
    INSERT INTO fee_item (community_id, code, name, basis, meter_kind, tier_period, timing, listed_only)
    VALUES (:town, 'property', '物业费', 'built_area', NULL, NULL, 'prepaid', FALSE),
           (:town, 'parking', '车位费', 'fixed', NULL, NULL, 'prepaid', TRUE),
           (:town, 'water', '水费', 'metered', 'water', 'period', 'postpaid', FALSE)"""
TARIFFS = """
    INSERT INTO tariff (fee_item_id, version, unit_price, from_on, vacancy_discount)
    SELECT id, 1, CASE code WHEN 'property' THEN 2.80 WHEN 'parking' THEN 150 ELSE 3.45 END,
           DATE '2020-01-01', CASE code WHEN 'property' THEN 0.3 ELSE 0 END
      FROM fee_item WHERE community_id = :town"""
TIERS = """
    INSERT INTO tariff_tier (tariff_id, above, unit_price)
    SELECT t.id, v.above, v.price
      FROM tariff t JOIN fee_item i ON i.id = t.fee_item_id, (VALUES (12, 4.83), (20, 8.05)) v(above, price)
     WHERE i.community_id = :town AND i.code = 'water'"""
VAT = """
    INSERT INTO vat_rate (fee_item_id, rate, from_on)
    SELECT id, CASE code WHEN 'water' THEN 0.03 ELSE 0.06 END, DATE '2020-01-01'
      FROM fee_item WHERE community_id = :town"""
CHARGES = """
    INSERT INTO room_charge (room_id, fee_item_id, label, from_on)
    SELECT r.id, i.id, '车位' || r.id, DATE '2020-01-01'
      FROM room r JOIN fee_item i ON i.community_id = :town AND i.code = 'parking'
     WHERE r.community_id = :town ORDER BY r.id"""
METERS = """
    INSERT INTO meter (community_id, room_id, kind, serial, from_on)
    SELECT :town, id, 'water', 'W' || id, DATE '2020-01-01'
      FROM room WHERE community_id = :town ORDER BY id"""
READINGS = """
    INSERT INTO meter_reading (meter_id, read_on, value)
    SELECT m.id, v.read_on, 100 + m.id % 50 + v.used * (1 + m.id % 29)
      FROM meter m, (VALUES (DATE '2026-10-01', 0), (DATE '2026-11-01', 1)) v(read_on, used)
     WHERE m.community_id = :town ORDER BY m.id, v.read_on"""
FILL = (
    BUILDINGS, ROOMS, AREAS, PEOPLE, OWNERS, ITEMS, TARIFFS, TIERS, VAT, CHARGES, METERS, READINGS,
)  # fmt: skip


def build_town(
    session: Session,
    rooms: int = 50_000,
    *,
    name: str = COMMUNITY,
    per_building: int = ROOMS_PER_BUILDING,
) -> int:
    """A community with so many rooms, and three items for November 2026: by area, a listed parking
    space, and water in three tiers with the readings of two firsts. Its id; nothing is committed.

    Three lines per room: `3 * rooms` in all, on one bill per room.
    """
    company = session.scalar(
        text("INSERT INTO company (name) VALUES (:name) RETURNING id"), {"name": f"{name}物业"}
    )
    town = session.scalar(
        text("INSERT INTO community (company_id, name) VALUES (:company, :name) RETURNING id"),
        {"company": company, "name": name},
    )
    values = {"town": town, "rooms": rooms, "per_building": per_building,
              "buildings": -(-rooms // per_building)}  # fmt: skip
    for statement in FILL:
        session.execute(text(statement), values)
    session.execute(text("ANALYZE"))
    assert isinstance(town, int)
    return town
