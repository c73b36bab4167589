"""Alloy Links: an install page for somebody who has no login here."""
