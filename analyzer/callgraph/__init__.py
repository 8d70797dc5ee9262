"""Names resolved to definitions, and the call edges between them."""
