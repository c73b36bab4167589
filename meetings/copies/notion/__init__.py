"""Meetings as Notion pages: `page` finds or makes the page, `content` brings its blocks up to date,
`blocks` turns a meeting into blocks.
"""
