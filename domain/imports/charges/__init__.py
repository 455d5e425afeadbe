"""The room charges workbook: which room pays which item, and whether that contradicts another."""
