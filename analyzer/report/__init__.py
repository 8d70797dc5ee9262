"""Renderers: one per format, from plain facts to text; no analysis happens here."""
