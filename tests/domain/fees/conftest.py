"""The maths needs no tables, only a PostgreSQL that computes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def ask(test_engine: Engine) -> Iterator[Ask]:
    """`ask(sql, *values)`: the rows PostgreSQL answers. `%s` in the text takes a value."""
    with test_engine.connect() as connection:

        def asked(sql: str, *values: Any) -> list[tuple[Any, ...]]:
            with connection.begin():
                return [tuple(row) for row in connection.exec_driver_sql(sql, values or None)]

        yield asked
