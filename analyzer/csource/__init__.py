"""Expanded C text read into syntax, and syntax into call sites, guards and constants."""
