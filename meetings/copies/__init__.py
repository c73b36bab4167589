"""Copies meetings to other services.

`handler` is what a worker does, the same for every service; a module each says what one service is
sent: `notion/`, `slack`, `drive`, `hubspot`. `sync_status` puts into words how
far a copy is.
"""
