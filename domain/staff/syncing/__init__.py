"""Colleagues as WeCom has them: who joins, changes and leaves, and which roles tags give where."""
