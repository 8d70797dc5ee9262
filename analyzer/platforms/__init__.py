"""Platforms: what boot-time code runs on which platform, hence which slot holds what."""
