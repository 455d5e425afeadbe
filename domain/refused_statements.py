"""What the database refused, told without the values: logs and flow runs keep what errors say.

A server's sentence quotes the row it refuses (`Key (login)=(zhang) already exists`), and SQLAlchemy
would add every parameter. Neither belongs into a log; what was refused, and by which rule, does.
"""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

QUOTING = ("22", "23")
"""Classes of SQLSTATE whose sentence itself quotes values: data and integrity."""


def tell_no_values(engine: Engine) -> Engine:
    """From now on an error of this engine names kind, rule and place, and quotes nobody."""
    event.listen(engine, "handle_error", _without_values)
    return engine


def _without_values(context: ExceptionContext) -> None:
    said: Any = context.original_exception
    if not getattr(said, "pgcode", None):  # the connection broke: nothing of a row in it
        return
    said.args = (words(said),)
    if context.sqlalchemy_exception is not None:
        kind = f"{type(said).__module__}.{type(said).__qualname__}"
        context.sqlalchemy_exception.args = (f"({kind}) {said.args[0]}",)


def words(said: Any) -> str:
    """A sentence of the server's, cut down to what holds no value."""
    if said.pgcode.startswith(QUOTING):
        found = (said.diag.table_name, said.diag.column_name, said.diag.constraint_name)
        return " ".join([said.pgcode, *filter(None, found)])
    return f"{said.pgcode} {said.diag.message_primary}"
