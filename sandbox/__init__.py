"""Anonymised samples with a measured risk, and SQL that nothing escapes from."""
