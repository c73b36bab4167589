"""Errors that Alloy streams: `record` groups them, `explain` finds whose order it was,
`recovery` closes them, `words` says them to a merchant, `selectors` finds them.
"""
