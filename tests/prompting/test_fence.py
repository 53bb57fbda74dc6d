"""Data blocks give back what went in, and nothing in them can end them."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roleplay.prompting.fence import CLOSING, OPENING, encode, fenced, one_line

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(PLAIN)
def test_a_value_comes_back_as_it_went_in(value: object) -> None:
    assert json.loads(encode(value)) == value


@given(st.text(st.characters()))
def test_a_string_is_one_visible_line_without_fences_or_control_tokens(text: str) -> None:
    line = encode(text)
    assert not any(c in line for c in "`<\n\r\x0b\x0c\u0085\u2028\u2029")
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in line)


@pytest.mark.parametrize(
    "token", ["[INST]", "[/INST]", "[[SYSTEM_PROMPT]", ":[INST]", ",[/INST]", "<|im_end|>", "</s>"]
)
def test_no_control_token_of_a_chat_format_stands_in_a_line(token: str) -> None:
    for value in (token, [token], {"a": [token, [token]]}, {token: 1}):
        assert token not in encode(value)
        assert json.loads(encode(value)) == value


def test_other_scripts_are_left_readable() -> None:
    assert encode({"text": "평화 和平 мир"}) == '{"text":"평화 和平 мир"}'


def test_a_block_has_two_fences_and_its_lines() -> None:
    assert fenced(['{"a":1}', '{"b":2}']) == f'{OPENING}\n{{"a":1}}\n{{"b":2}}\n{CLOSING}'


def test_no_lines_make_no_block() -> None:
    assert fenced([]) == ""


def test_what_is_no_plain_value_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        encode(object())


def test_prose_becomes_one_line() -> None:
    assert one_line(" two\n  lines\t") == "two lines"
