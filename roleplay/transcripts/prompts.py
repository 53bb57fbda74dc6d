"""What a model was sent and what it answered, word for word, behind an event; reads the journal alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..events import ADJUDICATOR, Adjudication, Event
from ..journal import Journal, ReplyKey, StoredReply


def prompt_of(folder: Path, event: Event) -> dict[str, Any]:
    """`messages`, `schema`, `reply` of the last attempt behind an event, and `attempts` with every earlier one."""
    with Journal.open(folder) as journal:
        found = sorted((key, reply) for key, reply in journal.replies.items() if _behind(key, event))
        if not found:
            raise UsageError(
                f"no model was asked for event {event.id}", hint="a policy, a script or the engine made it"
            )
        shown = [_shown(journal, reply) for _, reply in found]
    return {**shown[-1], "attempts": shown[:-1]}


def _behind(key: ReplyKey, event: Event) -> bool:
    asked = ADJUDICATOR if isinstance(event, Adjudication) else event.seat
    return (key.round, key.phase, key.ring, key.turn, key.seat) == (
        event.round, event.phase, event.ring or "-", event.turn, asked,
    )  # fmt: skip


def _shown(journal: Journal, reply: StoredReply) -> dict[str, Any]:
    return {
        "messages": [{"role": role, "content": journal.blob(hash)} for role, hash in reply.messages],
        "schema": json.loads(journal.blob(reply.schema)),
        "reply": {
            "model": reply.model, "text": reply.text, "finish": reply.finish, "reasoning": reply.reasoning,
            "refusal": reply.refusal, "error": reply.error, "outcome": reply.outcome,
            "tokens": {
                "prompt": reply.prompt_tokens, "cached": reply.cached_tokens, "completion": reply.completion_tokens,
            },
            "seconds": reply.seconds, "cost_usd": reply.cost_usd,
        },
    }  # fmt: skip
