"""Checks that every link of a built book leads to a file and an anchor that are there.

usage: python3 checks/book/links.py FOLDER
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name in ("id", "name") and value:
                self.anchors.add(value)


def main():
    root = Path(sys.argv[1]).resolve()
    pages = {path: Page(path.read_text()) for path in root.rglob("*.html")}
    checked, broken = 0, []
    for path, page in sorted(pages.items()):
        # The page for a missing file has a base of its own.
        if path.name == "404.html":
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            checked += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            fragment = unquote(parts.fragment)
            there = target.exists() and target.is_relative_to(root)
            if there and fragment and target in pages:
                there = fragment in pages[target].anchors
            if not there:
                broken.append(f"{path.relative_to(root)}: {link}")
    print(f"{len(pages)} pages, {checked} links, {len(broken)} broken")
    print("\n".join(broken))
    if broken or checked < 100:
        sys.exit(1)


main()
