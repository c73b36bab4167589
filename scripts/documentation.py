"""Builds the documentation as a site in var/site/: all documents, and the sources they link to.

Whatever a document leads to becomes a page, so the site can be read without the repository, and
nothing on it is fetched from elsewhere. A link that leads nowhere ends it with an error.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

PROJECT = Path(__file__).resolve().parents[1]
PAGES = PROJECT / "var" / "docs"
LINK = re.compile(r"""(\]\(|src=")(?!https?:|mailto:|#)([^)"#\s]+)""")
PICTURES = {".webp", ".svg", ".png"}
LANGUAGES = {".py": "python", ".js": "js", ".css": "css", ".html": "django", ".toml": "toml"}
LANGUAGES |= {".yaml": "yaml", ".json": "json", ".conf": "nginx", ".service": "ini"}
CSS = ".md-typeset td > code { word-break: normal; }  /* a wide table scrolls */\n"
HEAD = "---\nsearch:\n  exclude: true\nhide:\n  - navigation\n  - toc\n---\n\n"


def main() -> int:
    """Write the pages, then build the site; return the exit code."""
    shutil.rmtree(PAGES, ignore_errors=True)
    write_pages()
    (PAGES / "site.css").write_text(CSS)
    build = ["zensical", "build", "--strict", "--clean"]
    code = subprocess.call([Path(sys.executable).parent / build[0], *build[1:]], cwd=PROJECT)
    if not code:
        print("Open var/site/index.html; for its search: python3 -m http.server -d var/site")
    return code


def write_pages() -> None:
    """Write a page for each document at the top, and for whatever links lead to from there."""
    written: set[str] = set()
    waiting = [path.name for path in PROJECT.glob("*.md")]
    while waiting:
        name = waiting.pop()
        if name not in written:
            written.add(name)
            waiting += write_page(name)


def write_page(name: str) -> list[str]:
    """Write the page of a file or folder; return the names of those that it links to."""
    source, target = PROJECT / name, PAGES / page_of(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in PICTURES:
        shutil.copy(source, target)
        return []
    if source.is_file() and source.suffix != ".md":
        target.write_text(show(name, source.read_text()))
        return []
    text = list_files(name) if source.is_dir() else source.read_text()
    folder = name if source.is_dir() else posixpath.dirname(name)
    linked: list[str] = []

    def to_page(link: re.Match[str]) -> str:
        there = posixpath.normpath(posixpath.join(folder, unquote(link[2])))
        linked.append(there)
        return link[1] + posixpath.relpath(page_of(there), posixpath.dirname(page_of(name)) or ".")

    target.write_text(LINK.sub(to_page, text))
    return linked


def page_of(name: str) -> str:
    """Return where the page of a file or folder is: `conf.py.md`, `deploy/monitoring/index.md`."""
    path = PROJECT / name
    if path.is_dir():
        return f"{name}/index.md"
    if path.suffix in {".md", *PICTURES}:
        return name
    return posixpath.join(posixpath.dirname(name), path.name.lstrip(".") + ".md")


def list_files(folder: str) -> str:
    """Return the page of a folder."""
    files = sorted(each.name for each in (PROJECT / folder).iterdir() if each.is_file())
    return HEAD + f"# {folder}\n\n" + "".join(f"- [{each}]({each})\n" for each in files)


def show(name: str, text: str) -> str:
    """Return the page of a source file."""
    language = LANGUAGES.get(Path(name).suffix, "text")
    return f'{HEAD}# {name}\n\n````{language} linenums="1"\n{text}````\n'


if __name__ == "__main__":
    sys.exit(main())
