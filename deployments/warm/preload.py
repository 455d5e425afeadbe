"""What a flow run imports, imported once; and whether that is still what lies on disk."""

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "prefect.flow_engine",
    "prefect.workers.process",
    "prefect.cli.worker",
    "prefect.cli.deploy",
    "prefect.concurrency.sync",
    "prefect.deployments.runner",
    "prefect.artifacts",
    "rich._emoji_codes",
    "psycopg2",
)
OURS = ("flows",)  # and with them what they use of domain and statemachines
SELDOM = {"flows.importing", "flows.looking", "flows.owner_import"}
"""They read workbooks: what that takes is imported by the run that does, not carried by all."""


def import_libraries() -> None:
    """What everything that runs here needs, the worker too."""
    _import(LIBRARIES)


def import_ours() -> dict[Path, int]:
    """What flow runs need; the answer is each project file with its time of change (ns)."""
    _import(_our_modules())
    return {path: path.stat().st_mtime_ns for path in _loaded_files()}


def _import(names: Iterable[str]) -> None:
    """A module that cannot be imported is reported and left out: its own flow run will fail with
    the whole story, the others must not.
    """
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - whatever a broken module raises, the others still work
            traceback.print_exc()


def changed(seen: dict[Path, int]) -> bool:
    """Has a file been edited since it was imported?"""
    return any(not path.exists() or path.stat().st_mtime_ns != at for path, at in seen.items())


def _our_modules() -> list[str]:
    found = (pkgutil.walk_packages([str(PROJECT / name)], f"{name}.") for name in OURS)
    names = (module.name for module in chain.from_iterable(found))
    return [name for name in names if name not in SELDOM]


def _loaded_files() -> list[Path]:
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    ours = (Path(file) for file in files if file)
    return [f for f in ours if f.is_relative_to(PROJECT) and "site-packages" not in f.parts]
