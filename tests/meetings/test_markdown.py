from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.markdown import MOST_LINES, MOST_MARKS, to_html, to_text

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


def test_lines_end_where_they_were_ended() -> None:
    assert to_html("10:00 one\n10:01 two") == "<p>10:00 one<br />\n10:01 two</p>\n"


@given(st.text(alphabet=st.sampled_from("<>&\"'[]()!*_`#-\n abcjavscript:/=x")))
def test_only_harmless_tags_come_out(notes: str) -> None:
    assert "<" not in HARMLESS.sub("", to_html(notes))


def test_the_words_alone() -> None:
    assert to_text("# Fi**na**l\n\n- `one`\ntwo\n\n```\nthree\n```", longest=99) == (
        "Final one two three"
    )
    assert to_text("many words", longest=6) == "many …"


LINK = "[a]: /" + "u" * 1000 + "\n\n" + "[a]" * 6000


@pytest.mark.parametrize(
    "notes",
    [
        LINK,
        "*a **b " * 30_000,
        "> " * 100_000,
        "- " * 100_000,
        "1. " * 66_000,
        "![x](y)" * 28_000,
        "<ab:>" * 40_000,
        "[](é)" * 40_000,
        "&quot;" * 33_000,
        '"' * 200_000,
        "|a" * 50 + "\n" + "|-" * 50 + "\n" + "|\n" * 60_000,
        "#\n" * 100_000,
        "*a " * 4000 + "b*" * 4000,
        ("- " * 9 + "a\n" + "+ " * 9 + "a\n") * 5000,
    ],
)
def test_what_comes_out_is_in_proportion_to_what_goes_in(notes: str) -> None:
    assert len(to_html(notes)) <= 13 * len(notes) + 100
    assert len(to_html(notes)) <= 1_500_000
    assert len(to_text(notes, longest=600)) <= 600


@pytest.mark.parametrize(
    "notes",
    [
        ">" * 30 + " deep",
        "- " * 15 + "deep",
        "line\n" * (MOST_LINES + 1) + "deep",
        "*" * (MOST_MARKS + 1) + "deep",
    ],
)
def test_what_would_be_cut_off_or_take_long_is_shown_as_it_was_typed(notes: str) -> None:
    html = to_html(notes)
    assert html.startswith("<pre><code>")
    assert "deep" in html
