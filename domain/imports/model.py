"""Workbooks that came in, what was found wrong, and what each row changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed, stored


class ImportStatus(StrEnum):
    """导入批次状态."""

    CHECKED = "checked"
    APPLIED = "applied"
    UNDONE = "undone"


class ImportKind(StrEnum):
    """What the workbook holds."""

    OWNERS = "owners"
    READINGS = "readings"
    CHARGES = "charges"


class ImportBatch(Keyed, Base):
    """导入批次: the file as it came, the annotated copy, and the figures."""

    __tablename__ = "import_batch"
    __table_args__ = (Index(None, "community_id", "id"),)

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[ImportKind] = mapped_column(stored(ImportKind, "kind"))
    file_name: Mapped[str]
    sha256: Mapped[str]
    workbook: Mapped[bytes] = mapped_column(deferred=True)
    annotated: Mapped[bytes | None] = mapped_column(deferred=True)
    status: Mapped[ImportStatus] = mapped_column(
        stored(ImportStatus, "status"), server_default=ImportStatus.CHECKED
    )
    summary: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'"), comment="通过、新增、变更、无变化、冲突、错误明细"
    )
    created_at: Mapped[datetime]
    actor_name: Mapped[str]


class ImportChange(Keyed, Base):
    """What one row of the sheet wrote, with before and after, so that it can be undone.

    `writes` is a list of `{"table", "id", "before", "after"}`; before NULL = inserted; values as text.
    """

    __tablename__ = "import_change"
    __table_args__ = (Index(None, "batch_id"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    sheet_row: Mapped[int] = mapped_column(comment="工作表中的行号")
    writes: Mapped[list[Any]]
    undone_at: Mapped[datetime | None]
