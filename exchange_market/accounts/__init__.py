"""Organisations and their members: registration, verification, sessions, second factor."""
