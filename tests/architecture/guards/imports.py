"""Who may import what, module by module.

The import contracts in pyproject.toml follow chains of imports between the modules they name; this
guard also covers modules that nobody has thought of naming there.
"""

import ast
from collections.abc import Iterator

from tests.architecture.guards.guard import Finding, Guard, line_of
from tests.architecture.source import PACKAGES, Source

HOMES = {
    "prefect": ("flows", "deployments", "gateway/runs.py"),
    "transitions": ("statemachines",),
    "openpyxl": ("gateway/excel",),
    "xlsxwriter": ("gateway/excel",),
    "python_calamine": ("gateway/excel",),
    "lxml": ("gateway/excel",),
    "fastapi": ("gateway/web", "gateway/sandbox"),
    "starlette": ("gateway/web", "gateway/sandbox"),
    "wechatpy": ("gateway/wecom",),
}
OURS = {
    "domain": ("domain",),
    "statemachines": ("domain", "statemachines"),
    "flows": ("domain", "statemachines", "flows", "gateway"),
    "gateway/sandbox": ("gateway.sandbox",),
    "gateway/settings.py": (),
    "gateway": ("domain", "statemachines", "gateway"),
}


def imported(file: Source) -> Iterator[tuple[int, str]]:
    """Every module a file imports, wherever it does so."""
    for node in file.nodes:
        if isinstance(node, ast.Import):
            yield from ((line_of(node), alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((line_of(node), f"{node.module}.{alias.name}") for alias in node.names)


def astray(file: Source) -> Iterator[Finding]:
    """Imports of a library away from its home, or of ours against the stream."""
    for line, module in imported(file):
        top = module.split(".")[0]
        if top in HOMES and not file.under(*HOMES[top]):
            yield line, f"imports {top}: it lives in {', '.join(HOMES[top])}"
        if top in PACKAGES and not _downstream(file, module):
            yield line, f"imports {module} against the stream"
        if top == "tests":
            yield line, "the product imports tests"


def _downstream(file: Source, module: str) -> bool:
    if module.startswith("gateway.sandbox.") or module == "gateway.sandbox":
        return file.under("gateway/sandbox")  # a program to start, not a module to import
    home = max((home for home in OURS if file.under(home)), key=len, default=None)
    return home is None or any(
        module == allowed or module.startswith(f"{allowed}.") for allowed in OURS[home]
    )


IMPORTS = Guard(
    "imports run one way, libraries stay at home",
    astray,
    bad=(
        ("domain/x.py", "from statemachines import bill"),
        ("domain/x.py", "from gateway.settings import settings"),
        ("statemachines/x.py", "import gateway.wecom.client"),
        ("flows/x.py", "from deployments import cli"),
        ("flows/x.py", "import gateway.sandbox.app"),
        ("gateway/web/x.py", "def f():\n    from flows import bill_run"),
        ("gateway/settings.py", "from domain import clock"),
        ("gateway/sandbox/x.py", "from gateway.settings import settings"),
        ("gateway/sandbox/x.py", "from domain.money import yuan"),
        ("gateway/links.py", "import prefect"),
        ("flows/x.py", "from openpyxl import Workbook"),
        ("domain/x.py", "import transitions.core"),
        ("deployments/x.py", "from fastapi import FastAPI"),
        ("gateway/web/x.py", "from wechatpy.work import WeChatClient"),
        ("domain/x.py", "from tests.factories import office"),
    ),
    good=(
        ("deployments/x.py", "from gateway.web import app\nfrom flows import bill_run"),
        ("flows/x.py", "from gateway.settings import settings\nfrom prefect import flow"),
        ("gateway/runs.py", "from prefect.states import State"),
        ("gateway/sandbox/x.py", "from gateway.sandbox.store import Store"),
        ("gateway/wecom/x.py", "from domain.money import yuan"),
        ("domain/x.py", "from domain import clock"),
    ),
)
