"""What is allowed next: one file per lifecycle. The only code that writes a status."""
