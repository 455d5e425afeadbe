"""What held in a room on each day of a period: payer, area, vacancy, as pieces of days.

A room in which nothing changed is one piece. Days are cut only where something changes that the
asking item cares about: a new area row that says the same, or an heir who paid already, cuts nothing.
"""

from dataclasses import dataclass

from domain.bills.drafting.build import BUILDING, RUN, Build
from domain.fees.calc.periods import Span

AREAS = ("built_area", "indoor_area", "share_weight")


@dataclass(frozen=True, slots=True)
class Need:
    """What an item asks of a room besides its payer. `areas`: columns of room_area; `vacancy`: kinds
    of room for which it matters that nobody lives there.
    """

    areas: tuple[str, ...] = ()
    vacancy: tuple[str, ...] = ()


def facts(build: Build, period: Span, need: Need) -> str:
    """A CTE with room_id, kind, starts, ends, payer_id, vacant and the areas asked for."""
    tag = f"{period.start:%Y%m%d}_{period.end:%Y%m%d}_{_initials(need)}"
    start, end = build.day(period.start), build.day(period.end)
    cuts = build.cte(f"cuts_{tag}", " UNION ".join(_cuts(build, start, end, need)))
    pieces = f"""
      SELECT room_id, kind, {start} AS starts, {end} AS ends FROM rooms r
       WHERE NOT EXISTS (SELECT FROM {cuts} c WHERE c.room_id = r.room_id)
       UNION ALL
      SELECT room_id, kind, day, lead(day, 1, {end}) OVER (PARTITION BY room_id ORDER BY day)
        FROM (SELECT room_id, kind, day FROM {cuts} UNION SELECT room_id, kind, {start} FROM {cuts}) d"""
    areas = "".join(f", a.{column}" for column in need.areas)
    return build.cte(f"facts_{tag}", f"""
      SELECT p.room_id, p.kind, p.starts, p.ends, o.person_id AS payer_id,
             {"v.id IS NOT NULL" if need.vacancy else "FALSE"} AS vacant{areas}
        FROM ({pieces}) p
        LEFT JOIN occupancy o ON o.room_id = p.room_id AND o.is_payer AND {_on("o", "p.starts")}
         AND {build.near("o.room_id")}{_joined(build, need)}""")  # fmt: skip


def rooms(build: Build, *, listed: bool = False) -> str:
    """The CTE of the part's rooms: room_id, kind. `listed`: those that the run's chunks name."""
    named = f"""
         AND id IN (SELECT unnest(room_ids) FROM bill_run_chunk
                     WHERE bill_run_id = {RUN} AND building_id = {BUILDING})"""
    return build.cte(
        "rooms",
        f"""
      SELECT id AS room_id, kind FROM room WHERE building_id = {BUILDING} AND {build.near("id")}
             {named if listed else ""}""",
    )


def _initials(need: Need) -> str:
    vacancy = [f"v{kind[:2]}" for kind in need.vacancy]
    return "_".join([*(area[:2] for area in need.areas), *vacancy, "p"])


def _joined(build: Build, need: Need) -> str:
    area = f"""
        LEFT JOIN room_area a ON a.room_id = p.room_id AND {_on("a", "p.starts")}
         AND {build.near("a.room_id")}"""
    vacancy = f"""
        LEFT JOIN room_vacancy v ON v.room_id = p.room_id AND {_on("v", "p.starts")}
         AND {build.near("v.room_id")} AND p.kind IN ({_kinds(build, need)})"""
    return (area if need.areas else "") + (vacancy if need.vacancy else "")


def _on(table: str, day: str) -> str:
    return f"{table}.from_on <= {day} AND ({table}.to_on IS NULL OR {table}.to_on > {day})"


def _cuts(build: Build, start: str, end: str, need: Need) -> list[str]:
    """Days inside the period on which something else holds than on the day before."""
    cuts = [_cut(build, "occupancy", start, end, same=["person_id"])]
    if need.areas:
        cuts.append(_cut(build, "room_area", start, end, same=list(need.areas)))
    if need.vacancy:
        kinds = f"r.kind IN ({_kinds(build, need)})"
        cuts.append(_cut(build, "room_vacancy", start, end, same=[], also=kinds))
    return cuts


def _cut(
    build: Build, table: str, start: str, end: str, *, same: list[str], also: str = "TRUE"
) -> str:  # fmt: skip
    """`same`: columns that make a neighbouring row say the same. Only payers' occupancies count."""
    equal = "".join(f" AND n.{column} IS NOT DISTINCT FROM t.{column}" for column in same)
    pays, pays_too = ("t.is_payer", " AND n.is_payer") if table == "occupancy" else ("TRUE", "")
    return f"""
      SELECT t.room_id, r.kind, d.day
        FROM {table} t JOIN rooms r ON r.room_id = t.room_id,
             LATERAL (VALUES (t.from_on), (t.to_on)) d(day)
       WHERE {pays} AND {also} AND {build.near("t.room_id")}
         AND (t.from_on > {start} AND t.from_on < {end} OR t.to_on > {start} AND t.to_on < {end})
         AND d.day > {start} AND d.day < {end}
         AND NOT EXISTS (SELECT FROM {table} n
                          WHERE n.room_id = t.room_id AND n.id <> t.id{pays_too}{equal}
                            AND (n.to_on = d.day OR n.from_on = d.day))"""


def _kinds(build: Build, need: Need) -> str:
    return ", ".join(build.words(kind) for kind in need.vacancy)
