"""导入批次: checked, applied in one transaction, undone."""

from domain.imports.model import ImportBatch
from domain.imports.model import ImportStatus as S
from statemachines.engine import lifecycle

IMPORT_BATCH = lifecycle(
    "导入批次",
    ImportBatch,
    statuses={S.CHECKED: "已检查", S.APPLIED: "已导入", S.UNDONE: "已撤销"},
    verbs={"apply": "导入", "undo": "撤销"},
    rows=[
        dict(trigger="apply", source=S.CHECKED, dest=S.APPLIED),
        dict(trigger="undo", source=S.APPLIED, dest=S.UNDONE),
    ],
)
