"""The API for programs: the verbs of the desk as JSON under /api/v1, for who brings a token."""
