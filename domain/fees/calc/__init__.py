"""The maths of a bill line: pure functions, and the SQL text that gives the same fen.

Nothing here reads a clock or a database. Every rule is told with examples in docs/fee-cookbook.md.
"""
