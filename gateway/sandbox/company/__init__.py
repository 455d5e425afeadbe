"""The company's contacts: departments, members, tags; who joins, changes and leaves."""
