"""Meters and readings."""
