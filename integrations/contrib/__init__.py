"""Parts that not everybody needs: each is an app, listed before `integrations` or left out.

- `activity`: what workflows did, and errors; run again
- `backfill`: Alloy users for tenants who were there before
- `connectivity`: accounts at Notion, Slack and the rest, and a client that acts there
- `doctor`: what is wrong with a set-up, and whose work is stuck
- `links`: Alloy Links, for somebody who has no login
- `partitions`: old attempts dropped at once, for millions of events a day
- `privacy`: export and erase
- `traffic`: charts of the last day, for operators
"""
