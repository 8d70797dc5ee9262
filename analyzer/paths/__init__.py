"""Call paths: search over the call graph and grouping into path classes."""
