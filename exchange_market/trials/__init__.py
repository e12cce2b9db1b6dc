"""Trials: the anonymised sample of a revision, its approval, and SQL over it."""
