"""The admin: lists of what went to and came from Alloy, with buttons for what an operator can do.

`tenants`, `outbox` and `inbox` are the pages; `pages` and `rows` are the parts that they, and the
admin of other apps, are made of. Other apps add links to a row's page by `pages.row_shown`.
"""

from integrations.admin import inbox, outbox, tenants  # noqa: F401 -- registers their pages
