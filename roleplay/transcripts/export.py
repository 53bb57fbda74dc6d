"""A run as a file in one of four formats, and the one way in which files are written: whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import DiskError, UsageError
from ..journal.files import sync
from ..resources import unknown
from . import jsonl
from .html import render_html
from .markdown import render_markdown
from .record import OMNISCIENT, RunRecord
from .words import in_words

COLUMNS = ("id", "kind", "round", "phase", "ring", "seat", "readers", "at", "turn", "words", "fields")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−")
"""What a spreadsheet may take for the start of a formula, full-width forms included."""


def export(record: RunRecord, format: str) -> str:
    """The record in `jsonl`, `md`, `html` or `csv`; raises UsageError for any other format."""
    write = FORMATS.get(format)
    if write is None:
        raise unknown("format", format, FORMATS)
    return write(record)


def to_jsonl(record: RunRecord) -> str:
    """The lines of docs/events.md; the full set-up is in the omniscient form only."""
    extra: dict[str, object] = {"words": record.played.words}
    if record.view == OMNISCIENT:
        played = record.played
        extra["usage"] = {
            "models": played.models, "calls": played.calls, "refused": played.refused, "tokens": {
                "prompt": played.prompt_tokens, "cached": played.cached_tokens, "completion": played.completion_tokens,
            }, "cost_usd": played.cost_usd,
        }  # fmt: skip
        extra["setup_data"] = played.setup
    return jsonl.dump(record.events, extra)


def to_csv(record: RunRecord) -> str:
    """One row an event, with its words and its own fields as JSON; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in row] for row in _rows(record))
    return out.getvalue()


def cell(value: object) -> str:
    """A value as a cell that a spreadsheet shows as text: an apostrophe before anything like a formula."""
    text = "" if value is None else str(value).replace("\x00", "")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _rows(record: RunRecord) -> Iterator[tuple[object, ...]]:
    common = {*jsonl.FIRST, "turn", "v"}
    for event in record.events:
        data = event.model_dump(mode="json")
        own = json.dumps({k: v for k, v in data.items() if k not in common}, ensure_ascii=False)
        words = in_words(event, record.names)
        if event.kind == "run":
            words = f"{record.view_title}. {words}"
        yield (
            event.id, event.kind, event.round, event.phase, event.ring, event.seat, " ".join(event.readers), event.at,
            event.turn, words, own,
        )  # fmt: skip


FORMATS: dict[str, Callable[[RunRecord], str]] = {
    "jsonl": to_jsonl, "md": render_markdown, "html": render_html, "csv": to_csv,
}  # fmt: skip


def write_atomically(path: Path, text: str) -> None:
    """Put `text` at `path` so that a reader finds the old file or the whole new one; raises DiskError, UsageError.

    What is no file, a device or a pipe, is written to and stays what it is.
    """
    if not path.parent.is_dir():
        raise UsageError(f"the folder {path.parent} does not exist")
    draft, data = path.with_name(f".{path.name}.{os.getpid()}.tmp"), text.encode("utf-8", "replace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        draft.write_bytes(data)
        sync(draft)
        draft.replace(path)
        with suppress(OSError):  # Not every system lets a folder be opened.
            sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise DiskError(
            f"cannot write {path}: {error.strerror}", hint="free some space or choose another --out"
        ) from error
