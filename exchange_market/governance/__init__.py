"""What administrators do and what everybody may check: reviews, the audit trail, evidence, figures."""
