"""What a member can touch of an app: the buttons of its cards and its menu, and what follows."""
