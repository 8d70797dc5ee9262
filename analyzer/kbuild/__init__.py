"""Kbuild makefiles read as data: which objects exist, where, with which flags."""
