"""``make differential``: how kimpact agrees with programs that nobody here wrote.

    python -m full [--parts edges,symbols…] [--kernels 6.1,6.12…] [--jobs N] [--again]

with ``tests/`` and ``tests/differential/`` on the Python path. A **part** compares one kind of
fact with one reference (``parts.py`` lists them), a **case** is the part of it that is run and
kept as a whole: one kernel, mostly in one configuration. ``model.py`` has the words.
"""
