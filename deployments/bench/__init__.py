"""Benchmarks: each measures its own ceiling and floor in the same run and prints ratios."""
