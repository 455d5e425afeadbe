"""The letter rack: what people are told, and how it went."""
