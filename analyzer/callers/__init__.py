"""Callers of a function: the call graph walked backwards up to its entries."""
