"""Attempts in partitions, so that old ones are dropped instead of deleted. PostgreSQL only.

When it is worth it, and what it costs: docs/scaling.md.
"""
