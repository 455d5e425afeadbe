"""Pages colleagues work with."""
