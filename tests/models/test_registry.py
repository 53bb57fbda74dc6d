"""What a user names becomes the model that is meant, or an error that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from roleplay.errors import ProviderAuthError, UsageError
from roleplay.models import Request
from roleplay.models.openai import OpenAIModel
from roleplay.models.registry import BACKENDS, ModelSpec, open_model
from roleplay.models.scripted import ScriptedModel

Ask = Callable[..., Request]


@pytest.mark.parametrize(
    ("model", "base_url", "backend", "name"),
    [
        ("embedded", None, "embedded", "embedded"),
        ("smollm2-135m", None, "embedded", "smollm2-135m"),
        ("models/big.GGUF", None, "embedded", "models/big.GGUF"),
        ("big.gguf", "http://127.0.0.1:9/v1", "openai", "big.gguf"),
        ("gpt-x", None, "openai", "gpt-x"),
        ("llama3:8b", "http://127.0.0.1:9/v1", "openai", "llama3:8b"),
        ("openai:embedded", None, "openai", "embedded"),
        ("scripted:lines.jsonl", None, "scripted", "lines.jsonl"),
    ],
)
def test_a_name_finds_its_backend(model: str, base_url: str | None, backend: str, name: str) -> None:
    spec = ModelSpec(model=model, base_url=base_url)
    assert (spec.backend, spec.name) == (backend, name)
    assert backend in BACKENDS


async def test_a_script_file_holds_one_reply_a_line(tmp_path: Path, ask: Ask) -> None:
    script = tmp_path / "lines.jsonl"
    script.write_text('{"text": "as it stands"}\n\n"in a \\"string\\""\nplain words\n', encoding="utf-8")
    model = open_model(f"scripted:{script}")
    assert isinstance(model, ScriptedModel)
    said = [(await model.complete(ask())).text for _ in range(3)]
    assert said == ['{"text": "as it stands"}', 'in a "string"', "plain words"]


async def test_the_key_is_read_from_the_variable_that_the_spec_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-canary-from-the-environment")
    model = open_model(ModelSpec(model="m-1", base_url="http://127.0.0.1:9/v1", api_key_env="MY_KEY"))
    assert isinstance(model, OpenAIModel)
    assert "canary" not in f"{model!r} {vars(model)}"
    await model.close()


def test_a_provider_that_needs_a_key_is_not_called_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with pytest.raises(ProviderAuthError, match="OPENAI_API_KEY is not set"):
        open_model("gpt-x")


@pytest.mark.parametrize("name", ["scripted:nowhere.jsonl", "embedded:unknown", "nowhere.gguf"])
def test_what_is_not_there_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError):
        open_model(name)


def test_a_spec_takes_no_key_and_no_unknown_field() -> None:
    with pytest.raises(ValidationError):
        ModelSpec.model_validate({"model": "m", "api_key": "sk-x"})
