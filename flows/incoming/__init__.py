"""Handling what WeCom told us: claim, look at how things are now, act once, settle.

No Prefect in here: the flow `inbox` and the tests use it. An event is a hint, never the truth: what
it speaks of is read again.
"""
