"""Samples each minute how much goes through inbox and outbox, and how fast; draws it as charts."""
