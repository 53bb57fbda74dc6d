"""Reads the body of a chat completion into a `Reply`, whatever the body is; knows nothing about HTTP or schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import Reply, Usage

BODY_CAP = 4 * 1024 * 1024
"""Bytes read of one answer; what is longer is not read to its end."""
TEXT_CAP = 1024 * 1024
"""Characters kept of one text."""


def read_reply(body: bytes, seconds: float = 0.0) -> Reply:
    """Turn a body into a reply; one that is not a chat completion has no text and finish 'malformed' or 'oversize'."""
    if len(body) > BODY_CAP:
        return Reply("", finish="oversize", seconds=seconds)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return Reply("", finish="malformed", seconds=seconds)
    choice = _at(data, "choices", 0)
    message = _at(choice, "message")
    usage = _usage(_at(data, "usage"))
    if not isinstance(message, Mapping):
        return Reply("", finish="malformed", usage=usage, seconds=seconds)
    text = _content(message.get("content"))
    finish = "oversize" if len(text) > TEXT_CAP else _words(_at(choice, "finish_reason"))[:40] or "stop"
    return Reply(
        text[:TEXT_CAP],
        finish=finish,
        reasoning=_words(message.get("reasoning_content")) or _words(message.get("reasoning")) or None,
        refusal=_words(message.get("refusal")) or None,
        usage=usage,
        seconds=seconds,
    )


def _content(content: object) -> str:
    """Join a content that comes in parts, as some providers send it."""
    if isinstance(content, list):
        return "".join(_words(_at(part, "text")) for part in content)
    return _words(content)


def _usage(usage: object) -> Usage:
    prompt = _count(_at(usage, "prompt_tokens"))
    cached = _count(_at(usage, "prompt_tokens_details", "cached_tokens"))
    return Usage(prompt=prompt, cached=min(cached, prompt), completion=_count(_at(usage, "completion_tokens")))


def _count(value: object) -> int:
    return min(max(value, 0), 10**9) if isinstance(value, int) and not isinstance(value, bool) else 0


def _words(value: object) -> str:
    """Keep a string, with lone surrogates (which no file can hold) replaced; anything else is no words."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _at(data: Any, *path: str | int) -> Any:
    """Follow a path of keys and indexes; None where it leads nowhere."""
    for step in path:
        match step, data:
            case str(), Mapping():
                data = data.get(step)
            case int(), Sequence() if not isinstance(data, str) and len(data) > step:
                data = data[step]
            case _:
                return None
    return data
