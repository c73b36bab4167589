"""What a merchant sees of Alloy.

`snapshots` reads, `cards` shapes, `services` acts, `views` shows.
"""
