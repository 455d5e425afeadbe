"""When an imported value has been used although no foreign key says so: live bill lines rest on it.

Each rule selects `change_id` from the temporary table `undoing` (see undo.py).
"""

_LIVE = "l.room_id = t.room_id AND l.live"

READINGS = """
    SELECT DISTINCT u.change_id
      FROM undoing u
      JOIN meter_reading t ON t.id = u.id
      JOIN meter m ON m.id = t.meter_id
      JOIN bill_line l ON l.room_id = m.room_id AND l.live
     CROSS JOIN LATERAL jsonb_array_elements(l.detail -> 'meters') d
     WHERE u."table" = 'meter_reading' AND l.detail ? 'meters'
       AND (d ->> 'id')::bigint = m.id
       AND ((d ->> 'first_on')::date = t.read_on OR (d ->> 'last_on')::date = t.read_on)"""

CHARGES = f"""
    SELECT DISTINCT u.change_id
      FROM undoing u
      JOIN room_charge t ON t.id = u.id
      JOIN bill_line l ON {_LIVE} AND l.fee_item_id = t.fee_item_id
       AND l.label IS NOT DISTINCT FROM t.label AND l.period_end > t.from_on
       AND (t.to_on IS NULL OR l.period_start < t.to_on)
     WHERE u."table" = 'room_charge'"""

AREAS = f"""
    SELECT DISTINCT u.change_id
      FROM undoing u
      JOIN room_area t ON t.id = u.id
      JOIN bill_line l ON {_LIVE} AND l.area IS NOT NULL AND l.period_end > t.from_on
       AND (t.to_on IS NULL OR l.period_start < t.to_on)
     WHERE u."table" = 'room_area' AND u.before IS NULL"""

PAYERS = """
    SELECT DISTINCT u.change_id
      FROM undoing u
      JOIN occupancy t ON t.id = u.id
      JOIN bill b ON b.room_id = t.room_id AND b.payer_id = t.person_id
       AND b.status NOT IN ('discarded', 'reversed')
     WHERE u."table" = 'occupancy' AND u.before IS NULL AND t.is_payer"""

RULES = (READINGS, CHARGES, AREAS, PAYERS)
