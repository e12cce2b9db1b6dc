"""The exchange: HTTP, storage and money around the pure packages pricing, contracts and sandbox."""
