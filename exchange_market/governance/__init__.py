"""What administrators do and everybody may check: reviews, audit trail, evidence, figures."""
