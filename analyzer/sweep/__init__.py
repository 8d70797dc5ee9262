"""Many questions in one run: patches and functions on several trees, by several processes.

``plan`` lists the tasks, ``apart`` has one answered by a process of its own (``task``),
``local`` and ``cluster`` hand them out, ``results`` keeps what has come back, ``table`` makes a
Parquet file of that. ``docs/sweep.md`` is the page for users.
"""
