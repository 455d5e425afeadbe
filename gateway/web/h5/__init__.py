"""Pages an owner opens on a phone."""
