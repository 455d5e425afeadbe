"""`python -m tests.docs.tables` rewrites the tables of README.zh-CN.md that the code itself knows."""

import re

from tests.architecture.source import ROOT
from tests.docs import facts

PAGE = ROOT / "README.zh-CN.md"


def flows() -> str:
    """| `bill-run/monthly` | `0 6 1 * *` | 每月出账… |."""
    return _rows(
        (
            f"`{each.name}`",
            "、".join(f"`{cron}`" for cron in each.crons) or "需要时",
            each.description,
        )
        for each in facts.deployments()
    )


def verbs() -> str:
    """| `wuye bills run` | 计算一个月的账单 |."""
    return _rows((f"`{path}`", words) for path, words in facts.verbs().items())


def settings() -> str:
    """| `WUYE_BASE_URL` | `http://127.0.0.1:8600` | 业主和员工打开页面的地址 |."""
    return _rows(
        (f"`{each.name}`", f"`{each.default}`" if each.default else "–", each.meaning)
        for each in facts.settings()
    )


TABLES = {"flows": flows, "verbs": verbs, "settings": settings}


def with_table(page: str, name: str) -> str:
    """The page with one generated table brought up to date."""
    between = re.compile(rf"(<!-- {name} -->\n(?:\|.*\n){{2}})(?:\|.*\n)*(?=<!-- end -->)")
    assert between.search(page), f"no place for the table “{name}”"
    return between.sub(lambda found: f"{found[1]}{TABLES[name]()}", page)


def main() -> None:
    """Rewrite them all."""
    page = PAGE.read_text("utf-8")
    for name in TABLES:
        page = with_table(page, name)
    PAGE.write_text(page, "utf-8")


def _rows(rows: object) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
