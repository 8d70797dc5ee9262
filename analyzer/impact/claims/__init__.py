"""Claims: what a changelog says about calls, read from its text and held against paths."""
