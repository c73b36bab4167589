"""Stand-ins that take the place of parts of the product, for comparison and as counter-proof.

The product knows nothing of them: they are switched on by these settings alone.
"""
