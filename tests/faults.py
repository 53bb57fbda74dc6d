"""What a rude provider or a bad model does, as lines of a `ScriptedModel`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from roleplay.errors import CallFailed, ProviderAuthError
from roleplay.models import Reply
from roleplay.models.scripted import Line

FAULTS: Mapping[str, Callable[[], Line]] = {
    "unreachable": lambda: CallFailed("scripted: cannot be reached, retries are spent"),
    "context-full": lambda: CallFailed("scripted: the context is full"),
    "key-refused": lambda: ProviderAuthError("scripted: the key is refused"),
    "refusal": lambda: Reply("", refusal="I cannot help with that."),
    "truncated": lambda: Reply('{"reasoning": "We should', finish="length"),
    "empty": lambda: Reply(""),
    "malformed": lambda: Reply("", finish="malformed"),
    "oversize": lambda: Reply("x" * 1024 * 1024, finish="oversize"),
    "prose": lambda: "As an AI language model I would rather tell you a story.",
    "half-json": lambda: '{"reasoning": "We should", "moves": [{"kind": "say", "te',
    "fenced": lambda: '```json\n{"reasoning": "We should"}\n```',
}
"""What a rude provider or a bad model does, by name; each call makes a fresh one."""
