"""What runs and fails at Alloy: `runs` reads what ran, `following` finds what came of our events.

Errors: `record` groups those that Alloy streams, `unstreamed` finds those that it does not,
`explain` whose order it was, `recovery` closes them, `words` says them to a merchant.
"""
