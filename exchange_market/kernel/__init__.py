"""What every slice stands on: errors, clock, ids, settings, secrets, principals, paging."""
