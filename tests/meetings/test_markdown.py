from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.markdown import to_html, to_text

HARMLESS = re.compile(r"</?(h[3-6]|p|ul|ol|li|strong|em|s|code|pre|blockquote|hr|br|a)\b[^<>]*>")


@pytest.mark.parametrize(
    "notes",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](https://tracker.example/pixel.png)",
        "<style>*{display:none}</style>",
    ],
)
def test_what_could_do_something_is_only_text(notes: str) -> None:
    html = to_html(notes)
    assert not re.search(r"<(script|img|style)|href=\"(javascript|data)", html)


def test_headings_begin_below_those_of_the_page_and_links_follow_nobody() -> None:
    html = to_html("# One\n###### Six\n[link](https://example.com)")
    assert "<h3>One</h3>" in html
    assert "<h6>Six</h6>" in html
    assert 'rel="nofollow noopener noreferrer"' in html


@given(st.text(alphabet=st.sampled_from("<>&\"'[]()!*_`#-\n abcjavscript:/=x")))
def test_only_harmless_tags_come_out(notes: str) -> None:
    assert "<" not in HARMLESS.sub("", to_html(notes))


def test_the_words_alone() -> None:
    assert to_text("# Fi**na**l\n\n- `one`\ntwo\n\n```\nthree\n```", longest=99) == (
        "Final one two three"
    )
    assert to_text("many words", longest=6) == "many …"
