"""The processes of a running exchange: a supervisor and its children web, worker and broker."""
