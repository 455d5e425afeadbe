"""The company and its communities."""
