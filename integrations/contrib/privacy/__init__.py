"""A person's data, erased here and at Alloy: `services` begin it, `handlers` finish it at Alloy,
`selectors` hand it out first.
"""
