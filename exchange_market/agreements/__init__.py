"""Negotiations, contracts and the API keys that belong to them."""
