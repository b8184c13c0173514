"""A far end's words, made fit to stand in what Home Assistant reads as Markdown."""

from typing import Final

#: How much of a far end's words a dialog shows.
_LONGEST_WORDS: Final = 200


def quoted(words: str) -> str:
    """Return a far end's words fit to stand between backticks: a dialog reads its text as Markdown.

    Between them nothing is a link, a picture or a tag.
    """
    line = "".join(c if c.isprintable() else " " for c in words[:_LONGEST_WORDS])
    return line.replace("`", "'").strip() or "-"
