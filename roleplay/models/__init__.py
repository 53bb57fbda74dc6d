"""Model backends behind one small protocol; knows nothing about the game, its rules or its prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypedDict
from urllib.parse import urlsplit

from ..errors import UsageError

Speaker = Literal["system", "user", "assistant"]


class Message(TypedDict):
    """One chat message as the OpenAI protocol has it."""

    role: Speaker
    content: str


def message(role: Speaker, content: str) -> Message:
    """One message."""
    return {"role": role, "content": content}


@dataclass(frozen=True)
class Usage:
    """Tokens of one call; `cached` is the part of `prompt` that the server did not compute again."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0

    def __add__(self, more: Usage) -> Usage:
        return Usage(self.prompt + more.prompt, self.cached + more.cached, self.completion + more.completion)


@dataclass(frozen=True)
class Request:
    """What a seat asks of a model.

    `schema` is a JSON Schema valid in OpenAI strict mode; `slot` names whose history the messages are (a seat), so that
    a backend can keep one prompt cache a seat; `max_tokens` bounds the reply; the first `fixed` messages are the same
    in every request of the slot.
    """

    messages: Sequence[Message]
    schema: Mapping[str, Any]
    slot: str
    max_tokens: int
    temperature: float = 0.7
    seed: int = 0
    fixed: int = 1


@dataclass(frozen=True)
class Reply:
    """What came back: `text` as it stood (maybe not JSON), provider reasoning apart, why it ended, what it cost."""

    text: str
    finish: str = "stop"
    reasoning: str | None = None
    refusal: str | None = None
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0


class ChatModel(Protocol):
    """A model behind any transport. `complete` raises `CallFailed` when retries are spent, `ProviderError` when the
    endpoint does not answer at all or refuses the key."""

    name: str

    async def complete(self, request: Request) -> Reply: ...

    async def close(self) -> None: ...


def place_of(base_url: str) -> str:
    """Name an endpoint without the user and password that its address may hold; raises UsageError where it is none."""
    try:
        parts = urlsplit(base_url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("the base URL is no http(s) address", hint="for example http://127.0.0.1:11434/v1")
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
