"""Colleagues, roles and what they may do."""
