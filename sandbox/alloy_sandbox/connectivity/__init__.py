"""Alloy's Connectivity API: one pattern for every service, with made-up services behind it."""
