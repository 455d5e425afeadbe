"""Delivering letters: sort the rack, hand over to WeCom, write down how it went, look again.

No Prefect in here: the flow `deliver-letters`, the command line and the tests all use it.
"""
