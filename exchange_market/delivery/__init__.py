"""Handing over data under a contract: pages of rows and whole files, by API key, metered."""
