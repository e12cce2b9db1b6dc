"""Money: a double-entry ledger, top-ups by bank transfer, prepaid contracts, invoices,
settlement."""
