"""Owners, family, tenants and when they live where."""
