"""Accounts that merchants connect themselves, and what other apps do with them.

`services` connects and disconnects, `returning` is what happens when Alloy sends the browser back,
`connector` is the client that acts at a service, `views` show it all.
"""
