"""Payments, allocations, prepayments."""
