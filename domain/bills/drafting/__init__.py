"""Drafting: the bills of a chunk of rooms, computed set-based inside PostgreSQL."""

from domain.bills.drafting.chunk import draft

__all__ = ["draft"]
