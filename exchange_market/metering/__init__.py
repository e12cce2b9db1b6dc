"""What was delivered: quotas reserved before and settled after, usage events, signed receipts."""
