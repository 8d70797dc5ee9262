"""Combinations of CONFIG symbols: which can be had, and what paths each of them gives."""
