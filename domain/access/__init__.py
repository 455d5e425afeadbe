"""Who gets in, and what they may do where: one place for pages, API, exports and flow triggers."""
