"""Data blocks: what others wrote, encoded so that no content can end the block or pass for a message of its own.

Knows nothing about events or prompts; it turns plain values into lines of JSON between two fences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

OPENING, CLOSING = "```data", "```"

_UNSAFE = re.compile(
    "\\[(?=[/A-Z])|[`<\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What is written as an escape: the fence, whatever cannot be seen, and what the chat formats of open models begin
their control tokens with (`<|im_end|>`, `[INST]`): a server that parses those in content would end the message there.
None of it is JSON's own, where a bracket is followed by a value."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _escape(found: re.Match[str]) -> str:
    point = ord(found[0])
    if point < 0x10000:
        return f"\\u{point:04x}"
    high, low = divmod(point - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def encode(value: object) -> str:
    """One line of JSON for a plain value; who reads the JSON gets back what went in."""
    return _UNSAFE.sub(_escape, _ENCODER.encode(value))


def fenced(lines: Iterable[str]) -> str:
    """Encoded lines as a block; empty where there are none."""
    body = "\n".join(lines)
    return f"{OPENING}\n{body}\n{CLOSING}" if body else ""


def one_line(text: object) -> str:
    """Author's prose on one line, for a list in a prompt."""
    return " ".join(str(text).split())
