"""Whatever a body is, it becomes a reply that a file can hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roleplay.models import Usage
from roleplay.models.replies import TEXT_CAP, read_reply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
)
NAMES = ("choices", "message", "content", "usage", "prompt_tokens", "finish_reason", "refusal", "reasoning", "text")
NEARLY = st.recursive(
    JSON, lambda x: st.lists(x, max_size=2) | st.dictionaries(st.sampled_from(NAMES), x), max_leaves=12
)


def body_of(content: Any, **usage: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}], "usage": usage}).encode()


@given(st.binary())
def test_any_bytes_become_a_reply(body: bytes) -> None:
    assert read_reply(body).finish == "malformed"


@settings(max_examples=60)
@given(NEARLY)
def test_any_json_becomes_a_reply_that_can_be_written(data: Any) -> None:
    reply = read_reply(json.dumps(data).encode())
    f"{reply.text}{reply.finish}{reply.reasoning}{reply.refusal}".encode()
    assert 0 <= reply.usage.cached <= reply.usage.prompt <= 10**9


def test_a_lone_surrogate_is_replaced() -> None:
    assert read_reply(b'{"choices": [{"message": {"content": "a\\ud800b"}}]}').text == "a?b"


def test_a_content_in_parts_is_joined() -> None:
    assert read_reply(body_of([{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}])).text == "ab"


def test_a_text_over_the_cap_is_cut_and_says_so() -> None:
    reply = read_reply(body_of("x" * (TEXT_CAP + 1)))
    assert (len(reply.text), reply.finish) == (TEXT_CAP, "oversize")


@pytest.mark.parametrize("count", [-1, "9", 1.5, True, None, [], float("nan")])
def test_a_count_that_is_none_counts_as_nothing(count: object) -> None:
    assert read_reply(body_of("x", prompt_tokens=count, completion_tokens=count)).usage == Usage()
