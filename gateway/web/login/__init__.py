"""Getting in: WeCom's own browser, the code to scan, account and password."""
