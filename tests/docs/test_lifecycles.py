"""docs/lifecycles.md is drawn from the machines as they are."""

from enum import StrEnum, auto

from domain.bills.model import Bill
from statemachines.diagrams import PAGE, lifecycles, moves, page
from statemachines.engine import Lifecycle, lifecycle, says


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(lifecycles()), "run: python -m statemachines.diagrams"


def test_every_lifecycle_is_drawn_once() -> None:
    titles = [life.title for life in lifecycles()]
    assert len(titles) == len(set(titles)) >= 5
    assert {"账单", "出账批次", "收款", "消息", "导入批次"} <= set(titles)


class S(StrEnum):
    NEW = auto()
    DONE = auto()


@says("没有照片，不能完工")
def has_photo(_event: object) -> bool:
    return True


def job(**finish: object) -> Lifecycle:
    rows = [dict(trigger="finish", source=S.NEW, dest=S.DONE, **finish)]
    names = {S.NEW: "待修", S.DONE: "已修好"}
    return lifecycle("工单", Bill, statuses=names, verbs={"finish": "完工"}, rows=rows)


def test_a_lifecycle_reads_as_a_tree() -> None:
    drawn = page([job()])
    assert "待修 new（起点）\n  完工 finish ──> 已修好 done\n已修好 done（终点）\n" in drawn
    assert "new --> done : 完工 finish" in drawn


def test_a_changed_machine_changes_the_page() -> None:
    assert page([job()]) != page([job(conditions=[has_photo])])


def test_a_guard_shows_what_it_says_when_it_refuses() -> None:
    assert "完工 finish（否则：没有照片，不能完工） ──> 已修好 done" in page(
        [job(conditions=[has_photo])]
    )


def test_moves_are_the_rows_of_the_table() -> None:
    assert [(move.source, move.verb, move.dest) for move in moves(job())] == [
        (S.NEW, "finish", S.DONE)
    ]
