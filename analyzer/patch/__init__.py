"""Patches: mail and unified diffs read into facts, and applied onto a tree in memory."""
