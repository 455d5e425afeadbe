"""Pages people touch: the desk for colleagues, H5 for owners."""
