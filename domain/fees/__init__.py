"""Fee items, dated tariffs, room charges and the maths of a line."""
