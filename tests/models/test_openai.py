"""A real client against a local server that misbehaves: a reply comes back, or an error that says who must act."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import random
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from roleplay.errors import CallFailed, ProviderAuthError, ProviderError, UsageError
from roleplay.models import Reply, Request, Usage
from roleplay.models.openai import OpenAIModel, strict_body

Ask = Callable[..., Request]
KEY = "sk-canary-7f3a9c2164d8"


def model_at(url: str, **options: Any) -> OpenAIModel:
    return OpenAIModel("m-1", url, SecretStr(KEY), **{"timeout": 5.0, "max_retries": 1, **options})


async def test_a_reply_carries_text_reasoning_finish_and_cached_tokens(rude: Any, ask: Ask) -> None:
    usage = {"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}
    async with rude.endpoint(rude.said("{}", finish="length", usage=usage, reasoning_content="hm")) as endpoint:
        model = model_at(endpoint.url)
        reply = await model.complete(ask())
        await model.close()
    assert (reply.text, reply.finish, reply.reasoning, reply.refusal) == ("{}", "length", "hm", None)
    assert reply.usage == Usage(prompt=90, cached=64, completion=7)
    assert reply.seconds > 0


async def test_the_schema_goes_out_as_a_strict_one_named_turn(rude: Any, ask: Ask) -> None:
    request = ask()
    async with rude.endpoint(rude.said("{}")) as endpoint:
        model = model_at(endpoint.url)
        await model.complete(request)
        await model.close()
    (body,) = endpoint.bodies
    form = {"type": "json_schema", "json_schema": {"name": "turn", "strict": True, "schema": request.schema}}
    assert body["response_format"] == form
    assert (body["model"], body["max_tokens"], body["temperature"], body["seed"]) == ("m-1", 120, 0.7, 1)
    assert body["messages"] == list(request.messages)
    assert endpoint.headers[0]["authorization"] == f"Bearer {KEY}"


async def test_a_refusal_is_kept_apart_from_the_text(rude: Any, ask: Ask) -> None:
    async with rude.endpoint(rude.said(None, refusal="I cannot.", reasoning="policy")) as endpoint:
        model = model_at(endpoint.url)
        reply = await model.complete(ask())
        await model.close()
    assert (reply.text, reply.refusal, reply.reasoning) == ("", "I cannot.", "policy")


@pytest.mark.parametrize("fault", ["429", "500", "reset", "half"])
async def test_a_passing_fault_is_tried_again(rude: Any, ask: Ask, fault: str) -> None:
    faults = {"429": rude.error(429), "500": rude.error(503), "reset": rude.reset, "half": rude.half}
    async with rude.endpoint(faults[fault], rude.said("{}")) as endpoint:
        model = model_at(endpoint.url)
        assert (await model.complete(ask())).text == "{}"
        await model.close()
    assert len(endpoint.bodies) == 2


async def test_retry_after_is_waited_for(rude: Any, ask: Ask) -> None:
    busy = rude.http(429, {"error": {"message": "slow down"}}, Retry_After="0.8")
    async with rude.endpoint(busy, rude.said("{}")) as endpoint:
        model = model_at(endpoint.url)
        started = time.perf_counter()
        await model.complete(ask())
        await model.close()
    assert time.perf_counter() - started >= 0.8  # Without the header it would be half a second at most.


@pytest.mark.parametrize("fault", ["429", "500", "reset", "half"])
async def test_a_lasting_fault_is_one_failed_call(rude: Any, ask: Ask, fault: str) -> None:
    faults = {"429": rude.error(429), "500": rude.error(500), "reset": rude.reset, "half": rude.half}
    async with rude.endpoint(faults[fault]) as endpoint:
        model = model_at(endpoint.url)
        with pytest.raises(CallFailed, match="retries are spent"):
            await model.complete(ask())
        await model.close()
    assert len(endpoint.bodies) == 2


@pytest.mark.parametrize("fault", ["hang", "drip"])
async def test_a_server_that_never_ends_its_answer_meets_the_deadline(rude: Any, ask: Ask, fault: str) -> None:
    async with rude.endpoint(getattr(rude, fault)) as endpoint:
        model = model_at(endpoint.url, deadline=0.3)
        with pytest.raises(CallFailed, match=r"no answer within 0\.3 s"):
            await model.complete(ask())
        await model.close()


async def test_a_silent_try_is_given_up_after_its_timeout(rude: Any, ask: Ask) -> None:
    async with rude.endpoint(rude.hang, rude.said("{}")) as endpoint:
        model = model_at(endpoint.url, timeout=0.6)
        assert (await model.complete(ask())).text == "{}"
        await model.close()


async def test_with_faults_in_a_third_of_the_answers_each_call_ends_in_a_reply_or_a_failed_call(
    rude: Any, ask: Ask
) -> None:
    faults = [rude.error(429), rude.error(502), rude.reset, rude.half, rude.hang, rude.http(200, b"{", "text/html")]
    draw = random.Random(7)
    answers = [draw.choice(faults) if draw.random() < 0.3 else rude.said("{}") for _ in range(200)]
    async with rude.endpoint(*answers, rude.said("{}")) as endpoint:
        model = model_at(endpoint.url, timeout=2.0, max_retries=2, concurrency=asyncio.Semaphore(20))
        ended = await asyncio.gather(*(model.complete(ask(seed=n)) for n in range(120)), return_exceptions=True)
        await model.close()
    assert all(isinstance(end, (Reply, CallFailed)) for end in ended)
    assert sum(isinstance(end, Reply) and end.finish == "stop" for end in ended) > 100


async def test_nobody_listening_is_a_failed_call(ask: Ask) -> None:
    model = model_at("http://127.0.0.1:9/v1", max_retries=0)
    with pytest.raises(CallFailed, match="cannot be reached"):
        await model.complete(ask())
    await model.close()


@pytest.mark.parametrize(
    ("status", "fields", "kind", "says"),
    [
        (401, {}, ProviderAuthError, "the key is refused"),
        (403, {}, ProviderAuthError, "the key is refused"),
        (404, {}, ProviderAuthError, "no such model"),
        (402, {}, ProviderError, "not paid"),
        (429, {"code": "insufficient_quota"}, ProviderError, "quota"),
        (307, {}, ProviderError, "elsewhere"),
        (400, {"type": "exceed_context_size_error"}, CallFailed, "the context is full"),
        (400, {"code": "context_length_exceeded"}, CallFailed, "the context is full"),
        (400, {"code": "content_filter"}, CallFailed, "the request is refused"),
    ],
)
async def test_a_status_says_who_must_act(
    rude: Any, ask: Ask, status: int, fields: dict[str, str], kind: type[ProviderError], says: str
) -> None:
    async with rude.endpoint(rude.error(status, "Because.", **fields)) as endpoint:
        model = model_at(endpoint.url)
        with pytest.raises(kind, match=says) as caught:
            await model.complete(ask())
        await model.close()
    assert type(caught.value) is kind
    assert "m-1" in str(caught.value)
    assert "(Because.)" in str(caught.value)


async def test_a_redirect_takes_the_prompt_nowhere_else(rude: Any, ask: Ask) -> None:
    async with rude.endpoint(rude.said("{}")) as other:
        away = rude.http(307, b"", Location=other.url + "/chat/completions")
        async with rude.endpoint(away) as endpoint:
            model = model_at(endpoint.url)
            with pytest.raises(ProviderError, match="not followed"):
                await model.complete(ask())
            await model.close()
    assert other.bodies == []


MALFORMED = {
    "prose": (b"I would rather tell you a story.", "text/plain"),
    "page": (b"<html><body>login</body></html>", "text/html"),
    "half JSON": (b'{"choices": [{"message": {"conte', "application/json"),
    "no choices": (b'{"choices": []}', "application/json"),
    "a list": (b"[1, 2]", "application/json"),
    "null": (b"null", "application/json"),
    "NaN": (b"NaN", "application/json"),
    "nothing": (b"", "application/json"),
    "deep": (b"[" * 200_000, "application/json"),
    "not UTF-8": (b'{"choices": "\xff\xfe"}', "application/json"),
    "an error at 200": (b'{"error": {"message": "upstream", "code": 502}}', "application/json"),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_body_that_is_no_completion_is_a_malformed_reply(rude: Any, ask: Ask, name: str) -> None:
    body, kind = MALFORMED[name]
    async with rude.endpoint(rude.http(200, body, kind)) as endpoint:
        model = model_at(endpoint.url)
        reply = await model.complete(ask())
        await model.close()
    assert (reply.text, reply.finish) == ("", "malformed")


async def test_a_body_of_ten_megabytes_is_not_read_to_its_end(rude: Any, ask: Ask) -> None:
    async with rude.endpoint(rude.said("x" * 10_000_000)) as endpoint:
        model = model_at(endpoint.url)
        reply = await model.complete(ask())
        await model.close()
    assert (reply.text, reply.finish) == ("", "oversize")


async def test_a_packed_body_is_read_and_a_packed_bomb_is_not(rude: Any, ask: Ask) -> None:
    plain = rude.said("{}").split(b"\r\n\r\n", 1)[1]
    packed = rude.http(200, gzip.compress(plain), Content_Encoding="gzip")
    bomb = rude.http(200, gzip.compress(b" " * 200_000_000, 1), Content_Encoding="gzip")
    async with rude.endpoint(packed, bomb) as endpoint:
        model = model_at(endpoint.url)
        assert (await model.complete(ask())).text == "{}"
        assert (await model.complete(ask())).finish == "oversize"
        await model.close()


async def test_a_parameter_that_a_model_refuses_is_renamed_or_left_out_from_then_on(rude: Any, ask: Ask) -> None:
    refused = {"code": "unsupported_parameter"}
    answers = (
        rude.error(400, param="max_tokens", **refused),
        rude.error(400, param="temperature", code="unsupported_value"),
        rude.said("{}"),
    )
    async with rude.endpoint(*answers) as endpoint:
        model = model_at(endpoint.url)
        await model.complete(ask())
        await model.complete(ask())
        await model.close()
    assert len(endpoint.bodies) == 4
    assert endpoint.bodies[-1]["max_completion_tokens"] == 120
    assert not {"max_tokens", "temperature"} & set(endpoint.bodies[-1])


async def test_no_more_calls_than_allowed_are_in_flight(rude: Any, ask: Ask) -> None:
    busy, most = 0, 0

    async def slow(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.2)  # Long enough for a third to come, were it let; that none does, nothing shows.
        busy -= 1
        writer.write(rude.said("{}"))

    async with rude.endpoint(slow) as endpoint:
        model = model_at(endpoint.url, concurrency=asyncio.Semaphore(2), deadline=1.0)
        await asyncio.gather(*(model.complete(ask()) for _ in range(12)))
        await model.close()
    assert most == 2


async def test_a_closed_model_says_so(ask: Ask) -> None:
    model = model_at("http://127.0.0.1:9/v1")
    await model.close()
    await model.close()
    with pytest.raises(ProviderError, match="was closed"):
        await model.complete(ask())


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
async def test_the_key_shows_in_no_repr_error_or_log(
    rude: Any, ask: Ask, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = rude.error(status, f"Incorrect API key: Bearer {KEY}", param=KEY, code=KEY)
    async with rude.endpoint(echo) as endpoint:
        model = model_at(endpoint.url)
        with pytest.raises(ProviderError) as caught:
            await model.complete(ask())
        await model.close()
    shown = [repr(model), str(vars(model)), repr(caught.value), *traceback.format_exception(caught.value), caplog.text]
    assert KEY not in "\n".join(shown)
    assert "[key]" in str(caught.value)


async def test_an_error_does_not_repeat_the_prompt(rude: Any, ask: Ask) -> None:
    secret = "-".join(("CANARY", "5521", "SECRET"))
    async with rude.endpoint(rude.error(422, f"bad input: {secret}")) as endpoint:
        model = model_at(endpoint.url)
        with pytest.raises(CallFailed, match="left out") as caught:
            await model.complete(ask(f"Nobody else knows of {secret}."))
        await model.close()
    assert secret not in "".join(traceback.format_exception(caught.value))


async def test_the_environment_sends_no_other_key(rude: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-else")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-ambient")
    async with rude.endpoint(rude.said("{}")) as endpoint:
        model = OpenAIModel("m-1", endpoint.url)
        await model.complete(ask())
        await model.close()
    assert endpoint.headers[0]["authorization"] == "Bearer none"


@pytest.mark.parametrize("url", ["", "localhost:11434", "ftp://a/v1", "http://[bad", "http:///v1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="base URL"):
        OpenAIModel("m-1", url)


def test_a_key_that_no_header_can_carry_is_refused_without_showing_it() -> None:
    with pytest.raises(UsageError, match="characters") as caught:
        OpenAIModel("m-1", "http://127.0.0.1:9/v1", "sk-cänary\nx")
    assert "nary" not in str(caught.value)


def test_a_password_in_an_address_is_not_shown() -> None:
    assert "secret" not in repr(OpenAIModel("m-1", "http://me:secret@127.0.0.1:9/v1"))


def test_the_client_is_imported_only_when_a_model_is_opened() -> None:
    code = "import sys, roleplay.models.registry; print('openai' in sys.modules, 'xllamacpp' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["False", "False"]


def test_any_seed_fits_the_protocol(ask: Ask) -> None:
    assert json.loads(json.dumps(strict_body(ask(seed=2**70))))["seed"] < 2**31
