"""What a run leaves for people to read in the Prefect UI: Chinese, short, no personal data."""

from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from domain.bills.report import RunReport
from domain.money import yuan

SHOWN = 50
COMMANDS = "在命令行里"
"""What stands below this heading is for operators: the desk's pages end before it."""


def variance(report: RunReport) -> None:
    """The figures a manager wants before approving: totals, movers, and what is missing."""
    facts = report.summary
    key = f"bill-run-{report.run}"
    name = f"{report.community} {report.month}"
    create_markdown_artifact(_overview(report), key=key, description=f"{name} 出账预览")
    items = [_item_row(row, compared=bool(facts["last"])) for row in facts["by_item"]]
    _table(items, f"{key}-items", f"{name} 按费用项目和房屋类型")
    movers = [_mover_row(row) for row in facts["movers"][:SHOWN]]
    _table(movers, f"{key}-movers", f"{name} 与上期相差最大的房屋")
    problems = [_problem_row(row) for row in facts["problems"][:SHOWN]]
    _table(problems, f"{key}-problems", f"{name} 需要处理的问题")


def _table(rows: list[dict[str, Any]], key: str, description: str) -> None:
    """A table with something in it; an empty one looks as if it had not loaded."""
    if rows:
        create_table_artifact(rows, key=key, description=description)


def closing(report: RunReport) -> None:
    """What the run came to."""
    text = CLOSING.get(report.status, "这批账单的状态：{status}").format(
        status=report.status, bills=report.bills, total=yuan(report.total_fen),
        letters=report.letters,
    )  # fmt: skip
    create_markdown_artifact(
        f"## {report.community} {report.month}\n\n{text}\n",
        key=f"bill-run-{report.run}-result",
        description=f"{report.community} {report.month} 出账结果",
    )


CLOSING = {
    "issued": "已出账 **{bills:,}** 张账单，合计 **{total}**，给 **{letters:,}** 位缴费人准备了消息。",
    "rejected": "这批账单被驳回，草稿已作废。改好数据后重新运行即可。",
    "reversed": "这批账单已整批红冲。",
    "awaiting_approval": "草稿 **{bills:,}** 张，合计 **{total}**，等待审批。",
}


def _overview(report: RunReport) -> str:
    facts = report.summary
    last = facts["last"]
    before = f"{last['month']} 为 {yuan(last['total_fen'])}" if last else "没有上期账单"
    which = f"--community {report.community} --period {report.month}"
    return "\n".join(
        [
            f"## {report.community} {report.month} {'补账' if report.supplements else '出账'}预览",
            "",
            f"- 账单 **{report.bills:,}** 张，明细 {report.lines:,} 行，合计 **{yuan(report.total_fen)}**",
            f"- 对比上期：{before}",
            f"- 金额为零的账单：{facts['zero_bills']['count']} 张{_rooms(facts['zero_bills'])}",
            f"- 没有缴费人的房屋：{facts['no_payer']['count']} 户{_rooms(facts['no_payer'])}",
            f"- 需要处理的问题：{sum(row['count'] for row in facts['problems'])} 个",
            "",
            "批准或驳回：在工作台“出账批次”里，或点审批人在企业微信里收到的消息。",
            "",
            f"### {COMMANDS}",
            "",
            "批准，出账并通知业主：",
            "",
            f"    wuye bills run {which} --approve-by 工号",
            "",
            "驳回，草稿作废，改好数据后重新出账：",
            "",
            f"    wuye bills reject {which} --by 工号 --note 原因",
        ]
    )


def _rooms(group: dict[str, Any]) -> str:
    return f"（{'、'.join(group['rooms'][:10])}）" if group["rooms"] else ""


def _item_row(row: dict[str, Any], *, compared: bool) -> dict[str, Any]:
    """One item of one kind of room; nothing is compared with a month that was not billed."""
    return {
        "费用项目": row["item"],
        "房屋类型": row["kind"],
        "行数": row["lines"],
        "本期": yuan(row["total_fen"]),
        "上期": yuan(row["last_fen"]) if compared else "—",
        "变化": yuan(row["total_fen"] - row["last_fen"]) if compared else "—",
    }


def _mover_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "房屋": row["room"],
        "本期": yuan(row["total_fen"]),
        "上期": yuan(row["last_fen"]),
        "变化": yuan(row["change_fen"]),
    }


def _problem_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "问题": row["message"],
        "户数": row["count"],
        "房屋": "、".join(row["rooms"][:10]),
    }
