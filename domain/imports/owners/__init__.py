"""The owners workbook: what is stored, what the sheet says, and the difference."""
