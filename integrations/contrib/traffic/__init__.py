"""How much goes through inbox and outbox, and how fast: sampled each minute, drawn as charts."""
