"""Who did what, when: status changes and the audit chain."""
