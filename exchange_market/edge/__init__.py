"""The HTTP edge that all slices share: access levels, problem+json, idempotent commands,
OpenAPI."""
