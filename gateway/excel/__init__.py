"""Workbook <-> typed rows. Pure: no database, no clock, nothing of a workbook is ever executed."""
