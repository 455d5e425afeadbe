"""Alembic migrations. Run through `wuye db upgrade`."""
