"""Any OpenAI-compatible endpoint, through the openai client; knows nothing about seats, prompts or what a reply means.

Importing it costs half a second: `registry.open_model` does so only where such a model is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

import httpx2
import openai
from pydantic import SecretStr
from pydantic_core import to_json

from ..errors import CallFailed, ProviderError, UsageError
from . import Reply, Request, place_of
from .refusals import explain
from .replies import BODY_CAP, read_reply

log = logging.getLogger(__name__)

NEWER_NAMES = {"max_tokens": "max_completion_tokens"}
OPTIONAL = ("max_tokens", "temperature", "seed")
"""Parameters that some models refuse; they are renamed or left out after the first refusal."""

Body = Callable[[Request], dict[str, Any]]


def strict_body(request: Request) -> dict[str, Any]:
    """Ask for the schema as OpenAI's structured outputs do."""
    schema = {"name": "turn", "strict": True, "schema": request.schema}
    return {
        "max_tokens": request.max_tokens,
        "response_format": {"type": "json_schema", "json_schema": schema},
        "seed": request.seed % 2**31,
        "temperature": request.temperature,
    }


class OpenAIModel:
    """A model at `base_url`; may be shared by all seats of a run, within one event loop.

    `timeout` is the seconds that one try may stay silent, `deadline` those of a whole call with its retries and their
    waits, but not those before `concurrency` lets it start. `body` says what is sent beside model and messages.
    `context` is the tokens that the model holds, where that is known and small.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        api_key: SecretStr | str | None = None,
        *,
        concurrency: asyncio.Semaphore | None = None,
        timeout: float = 120.0,
        deadline: float = 300.0,
        max_retries: int = 3,
        body: Body = strict_body,
        trust_env: bool = True,
        context: int | None = None,
    ) -> None:
        self.name = name
        self.context = context
        self.where = place_of(base_url)
        self._key = SecretStr(_usable(api_key))
        self._gate: contextlib.AbstractAsyncContextManager[None] = concurrency or contextlib.nullcontext()
        self._deadline = deadline
        self._body = body
        self._refused: set[str] = set()
        self._http = _CappedClient(follow_redirects=False, trust_env=trust_env)
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=self._key.get_secret_value(),
            # Named here, or a header of the environment (OPENAI_CUSTOM_HEADERS) would go out in its place.
            default_headers={"Authorization": f"Bearer {self._key.get_secret_value()}"},
            timeout=openai.Timeout(timeout, connect=min(timeout, 10.0)),
            max_retries=max_retries,
            http_client=self._http,
        )

    def __repr__(self) -> str:
        return f"OpenAIModel({self.name!r}, {self.where!r})"

    @property
    def throttled(self) -> int:
        """How often the endpoint has said 429 so far, tries that were made again included."""
        return self._http.throttled

    async def complete(self, request: Request) -> Reply:
        """Call the model once; `CallFailed` when retries are spent, `ProviderError` when no call can succeed."""
        async with self._gate:
            if self._client.is_closed():
                raise ProviderError(f"{self.name} was closed")
            started = time.perf_counter()
            try:
                async with asyncio.timeout(self._deadline):
                    body = await self._send(request)
            except TimeoutError:
                raise CallFailed(f"{self.name} at {self.where}: no answer within {self._deadline:g} s") from None
            except openai.OpenAIError as error:
                # Without its cause: a provider's words may hold the key or a prompt.
                raise explain(error, f"{self.name} at {self.where}", self._key, request.messages) from None
            return read_reply(body, time.perf_counter() - started)

    async def close(self) -> None:
        """Close the connections; calls made later fail."""
        await self._client.close()

    async def _send(self, request: Request) -> bytes:
        """Post as the client's own `chat.completions` does, without the walk through every key (2.5 ms a prompt).

        The bytes are those that the client would send; pydantic writes them in a third of the time.
        """
        while True:
            asked = {self._spelt(key): value for key, value in self._body(request).items() if self._spelt(key)}
            body = to_json({"model": self.name, "messages": request.messages, **asked})
            try:
                answer = await self._client.post("/chat/completions", content=body, cast_to=httpx2.Response)
            except openai.BadRequestError as error:
                if not self._learn(error):
                    raise
            else:
                return answer.content

    def _spelt(self, parameter: str) -> str:
        return NEWER_NAMES.get(parameter, "") if parameter in self._refused else parameter

    def _learn(self, error: openai.BadRequestError) -> bool:
        """Remember a parameter that this model does not take; say whether trying again makes sense."""
        parameter = error.param or ""
        unsupported = error.code in ("unsupported_parameter", "unsupported_value")
        if not unsupported or parameter not in OPTIONAL or parameter in self._refused:
            return False
        self._refused.add(parameter)
        log.warning("%s does not take %s: %s", self.name, parameter, NEWER_NAMES.get(parameter, "left out"))
        return True


class _CappedClient(openai.DefaultAsyncHttpxClient):
    """Reads no more than `BODY_CAP` unpacked bytes of an answer, and one more to tell that there was more."""

    throttled = 0

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        response = await super().send(request, stream=True, **options)
        self.throttled += response.status_code == 429
        body = bytearray()
        try:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > BODY_CAP:
                    break
        finally:
            await response.aclose()
        headers = [(k, v) for k, v in response.headers.multi_items() if k not in ("content-encoding", "content-length")]
        content = bytes(body[: BODY_CAP + 1])
        return httpx2.Response(response.status_code, headers=headers, content=content, request=request)


def _usable(api_key: SecretStr | str | None) -> str:
    key = (api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError("the API key holds characters that no HTTP header can carry", hint="copy it again, whole")
    return key or "none"
