"""The proof that every fen is accounted for."""
