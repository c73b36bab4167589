"""A person's data, erased here and at Alloy: `services` begin it, `handlers` finish it at Alloy,
`export` hands it out first.
"""
