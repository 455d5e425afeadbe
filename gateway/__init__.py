"""Where people and other systems touch us."""
