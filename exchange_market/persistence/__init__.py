"""The database: engine, transactions, column types, outbox and idempotency records."""
