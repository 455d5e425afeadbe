"""Workbooks that came in, and what they changed."""
