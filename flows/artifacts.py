"""What a run leaves for people to read in the Prefect UI: Chinese, short, no personal data."""

from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from domain.bills.report import RunReport
from domain.money import yuan

SHOWN = 50


def variance(report: RunReport) -> None:
    """The figures a manager wants before approving: totals, movers, and what is missing."""
    facts = report.summary
    key = f"bill-run-{report.run}"
    name = f"{report.community} {report.month}"
    create_markdown_artifact(_overview(report), key=key, description=f"{name} 出账预览")
    create_table_artifact(
        [_item_row(row) for row in facts["by_item"]],
        key=f"{key}-items",
        description=f"{name} 按费用项目和房屋类型",
    )
    create_table_artifact(
        [_mover_row(row) for row in facts["movers"][:SHOWN]],
        key=f"{key}-movers",
        description=f"{name} 与上期相差最大的房屋",
    )
    create_table_artifact(
        [_problem_row(row) for row in facts["problems"][:SHOWN]],
        key=f"{key}-problems",
        description=f"{name} 需要处理的问题",
    )


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
    "issued": "已出账 **{bills}** 张账单，合计 **{total}**，给 **{letters}** 位缴费人准备了消息。",
    "rejected": "这批账单被驳回，草稿已作废。改好数据后重新运行即可。",
    "reversed": "这批账单已整批红冲。",
    "awaiting_approval": "草稿 **{bills}** 张，合计 **{total}**，等待审批。",
}


def _overview(report: RunReport) -> str:
    facts = report.summary
    last = facts["last"]
    before = f"{last['month']} 为 {yuan(last['total_fen'])}" if last else "没有上期账单"
    return "\n".join(
        [
            f"## {report.community} {report.month} 出账预览",
            "",
            f"- 账单 **{report.bills}** 张，明细 {report.lines} 行，合计 **{yuan(report.total_fen)}**",
            f"- 对比上期：{before}",
            f"- 金额为零的账单：{facts['zero_bills']['count']} 张{_rooms(facts['zero_bills'])}",
            f"- 没有缴费人的房屋：{facts['no_payer']['count']} 户{_rooms(facts['no_payer'])}",
            f"- 需要处理的问题：{sum(row['count'] for row in facts['problems'])} 个",
            "",
            "请在后台、企业微信消息里，或用 `wuye bills run --approve-by 工号` 批准或驳回。",
        ]
    )


def _rooms(group: dict[str, Any]) -> str:
    return f"（{'、'.join(group['rooms'][:10])}）" if group["rooms"] else ""


def _item_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "费用项目": row["item"],
        "房屋类型": row["kind"],
        "行数": row["lines"],
        "本期": yuan(row["total_fen"]),
        "上期": yuan(row["last_fen"]),
        "变化": yuan(row["total_fen"] - row["last_fen"]),
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
