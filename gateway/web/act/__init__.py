"""Action links: a page that says what will happen, asks, starts it once, and follows it."""
