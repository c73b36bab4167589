"""Shows what runs and fails at Alloy: `runs` reads it, `following` finds what came of our events.

Errors: `record` groups those that Alloy streams, `unstreamed` finds those that it does not,
`explain` whose order it was, `recovery` closes them, `words` says them to a merchant.
"""
