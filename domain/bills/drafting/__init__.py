"""Drafting: the bills of a chunk of rooms, computed set-based inside PostgreSQL."""

from domain.bills.drafting.chunk import Found, draft, look

__all__ = ["Found", "draft", "look"]
