"""Kconfig: load a tree's Kconfig files, resolve configurations, explain a value.

kconfiglib reads the files (``reader``); everything after that is our own, because the
meaning of choices, of ``transitional`` and of ``modules`` is the kernel's, not kconfiglib's:
``build`` turns what was read into a ``model``, ``evaluate`` computes the values of all
symbols for all configurations at once, ``render`` writes a ``.config`` and ``explain``
says why a symbol has its value. Shell probes are answered from a ``toolchain`` profile;
only ``recording``, which makes one when the user asks for it by name, executes anything.
"""
