"""What is measured before a class."""

from __future__ import annotations

from roleplay.cli.classroom import _pages


def test_pages_for_a_class_are_timed_and_said_in_words() -> None:
    row = _pages(3)
    assert row["name"] == "pages"
    assert "3 pages at once" in row["detail"]
    assert row["ok"] == (not row["hint"])
