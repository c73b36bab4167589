"""The durable inbox.

`webhooks` lets in, `receive` keeps, `process` acts, `services` is for operators.
"""
