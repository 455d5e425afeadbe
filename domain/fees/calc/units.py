"""Two numbers that all line maths shares."""

MONTH_UNITS = 377_580
"""One month: the least common multiple of 28, 29, 30 and 31, so a day of any month is whole."""

MAX_AMOUNT_FEN = 10_000_000_000
"""1 亿元: a larger line is a typing mistake, and would not fit what is printed."""
