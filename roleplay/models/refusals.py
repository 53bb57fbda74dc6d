"""Turns the openai client's errors into ours, in words an operator can act on; knows nothing about making a call."""

from __future__ import annotations

import re
from collections.abc import Sequence

import openai
from pydantic import SecretStr

from ..errors import CallFailed, ProviderAuthError, ProviderError
from . import Message

CONTEXT_FULL = re.compile(r"exceed_context_size|context_length_exceeded|context (length|size|window)", re.IGNORECASE)
ECHO = 12
"""So many characters in a row that also stand in the prompt make a provider's words an echo of it."""


def explain(error: openai.OpenAIError, place: str, key: SecretStr, messages: Sequence[Message]) -> ProviderError:
    """Say what failed at `place` and who must act; never the key, never a piece of a prompt."""
    match error:
        case openai.APITimeoutError():
            return CallFailed(f"{place}: silent, retries are spent")
        case openai.APIConnectionError():
            return CallFailed(f"{place}: cannot be reached, or broke off; retries are spent", hint="is it running?")
        case openai.APIStatusError():
            return _explain_status(error, f"{place}: {error.status_code}{_words(error, key, messages)}")
    return CallFailed(f"{place}: {type(error).__name__}")


def _explain_status(error: openai.APIStatusError, said: str) -> ProviderError:
    match error.status_code:
        case 401 | 403:
            return ProviderAuthError(f"{said}: the key is refused", hint="check the key, and that it is for this place")
        case 404:
            return ProviderAuthError(f"{said}: no such model or path", hint="check the model's name and the base URL")
        case 402:
            return ProviderError(f"{said}: the account is not paid", hint="top it up")
        case 429 if error.code == "insufficient_quota":
            return ProviderError(f"{said}: the account's quota is used up", hint="raise it")
        case 300 | 301 | 302 | 303 | 307 | 308:
            return ProviderError(f"{said}: sends us elsewhere, which is not followed", hint="correct the base URL")
        case 400 | 413 | 422 if CONTEXT_FULL.search(f"{error.code} {error.type} {error.message}"):
            return CallFailed(f"{said}: the context is full", hint="shorten the history, or use a larger context")
        case 408 | 409 | 429:
            return CallFailed(f"{said}: too busy, retries are spent", hint="lower the concurrency")
        case status if status >= 500:
            return CallFailed(f"{said}: the server failed, retries are spent")
    return CallFailed(f"{said}: the request is refused")


def _words(error: openai.APIStatusError, key: SecretStr, messages: Sequence[Message]) -> str:
    """Quote the provider, in short, unless that repeats the prompt; the key in its words is blotted out."""
    said = error.body.get("message") if isinstance(error.body, dict) else error.body
    if not isinstance(said, str) or not said or said.lstrip().startswith("<"):
        return ""
    secret = key.get_secret_value()
    said = said.replace(secret, "[key]") if len(secret) >= 8 else said
    said = "".join(c if c.isprintable() else " " for c in said)[:200].strip()
    prompt = "\n".join(message["content"] for message in messages)
    if any(said[at : at + ECHO] in prompt for at in range(len(said) - ECHO + 1)):
        return " (its words repeat the prompt and are left out)"
    return f" ({said})"
