"""Bill runs, bills and their frozen lines."""
