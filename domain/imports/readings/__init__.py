"""The readings workbook: whose dial it is, and whether it can have turned so."""
