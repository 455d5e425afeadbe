"""What an import came to: counts, and every row that was not taken with its reason."""

from dataclasses import dataclass, field
from typing import Any

from domain.imports.writes import Difference, RowPlan

WORDS = {Difference.NEW: "新增", Difference.UNCHANGED: "无变化"}
TOLD = 1_000
"""How many changed rows a stored summary tells in words."""


@dataclass(slots=True)
class Tally:
    """Plans counted; `words` are what the result column says of each accepted row."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[RowPlan] = field(default_factory=list)
    conflicting: list[RowPlan] = field(default_factory=list)
    changes: list[tuple[int, str]] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        """Rows that are, or now are, in the books as the sheet says."""
        return self.new + self.changed + self.unchanged

    def add(self, plan: RowPlan) -> None:
        """Count one row."""
        match plan.difference:
            case Difference.REFUSED:
                self.refused.append(plan)
                return
            case Difference.CONFLICTING:
                self.conflicting.append(plan)
            case Difference.NEW:
                self.new += 1
            case Difference.CHANGED:
                self.changed += 1
                self.changes.append((plan.row, plan.sentence or ""))
            case Difference.UNCHANGED:
                self.unchanged += 1
        self.words[plan.row] = _words(plan)


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that was not taken: `column` its letters, `message` a Chinese sentence."""

    row: int
    column: str
    code: str
    message: str
    sheet: str = ""

    def as_json(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "sheet": self.sheet, "row": self.row, "column": self.column, "code": self.code,
            "message": self.message,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import as people and machines are told of it. No personal data; `annotated` is the copy.

    `batch` is None where nothing was stored: a dry run, or nothing to take for a community that
    does not exist yet.
    """

    batch: int | None
    community: str
    dry_run: bool
    accepted: int
    new: int
    changed: int
    unchanged: int
    refused: tuple[Finding, ...]
    conflicting: tuple[Finding, ...]
    ignored_rows: tuple[int, ...]
    changes: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
    annotated: bytes = field(default=b"", repr=False)

    def as_json(self, annotated: str | None = None) -> dict[str, Any]:
        """One JSON object; `annotated` is where the copy was put."""
        return {
            "batch": self.batch, "accepted": self.accepted, "new": self.new,
            "changed": self.changed, "unchanged": self.unchanged,
            "refused": [finding.as_json() for finding in self.refused],
            "ignored_rows": list(self.ignored_rows), "annotated": annotated,
            "conflicting": [finding.as_json() for finding in self.conflicting],
            "notes": list(self.notes), "dry_run": self.dry_run,
        }  # fmt: skip

    def summary(self) -> dict[str, Any]:
        """What a batch keeps."""
        told = self.as_json()
        for name in ("batch", "annotated", "dry_run"):
            del told[name]
        return told | {"changes": [list(change) for change in self.changes[:TOLD]]}


def _words(plan: RowPlan) -> str:
    said = WORDS.get(plan.difference) or plan.sentence or ""
    if plan.difference is Difference.CONFLICTING:
        said = f"冲突：{said}"
    elif plan.difference is Difference.CHANGED:
        said = f"变更：{said}"
    return f"{said}（{'；'.join(plan.notes)}）" if plan.notes else said
