"""The operator's desk besides the phones: the contacts, and the callbacks with their log."""
