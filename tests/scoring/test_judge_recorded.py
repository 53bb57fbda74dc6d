"""The embedded model as judge and as reader of a text, as recorded on the wire; replayed with no model and no server.

Record again, with the embedded model at hand: RECORD=1 uv run pytest tests/scoring/test_judge_recorded.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from roleplay.crises import load_crisis
from roleplay.models.embedded import guided_body
from roleplay.models.llama import CONTEXT
from roleplay.models.openai import OpenAIModel
from roleplay.scoring.extraction import extract
from roleplay.scoring.judge import Panel
from tests import recording
from tests.engine.pond import POND
from tests.recording import CASSETTES, MODEL, RECORD
from tests.scoring.panels import HEAT, material

CASSETTE = CASSETTES / "judge.yaml"
CANARY = "sk-canary-of-the-judge-5d0e"
LINES = (
    "We are ready to meet next week and to listen.",
    "The launch of Tuesday broke a resolution that they signed.",
    "Nothing will be left of their country.",
)
TEXT = "The sides open a military hotline on 1 May. Each announces its exercises two weeks ahead."


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with recording.address(CASSETTE, tmp_path, CANARY, slots=1, context=CONTEXT) as place:
        yield place


async def test_a_small_model_judges_and_extracts_in_the_form_that_was_asked_for(address: str) -> None:
    model = OpenAIModel(MODEL, address, CANARY, max_retries=0, trust_env=False, body=lambda r: guided_body(r, 0))
    panel = Panel([model], at_once=1)
    with recording.recorder().use_cassette(str(CASSETTE)) as tape:
        heat = await panel.judge(HEAT, material(*LINES))
        text = await extract(TEXT, model, load_crisis(POND), brief=True)
    await model.close()
    assert RECORD or tape.all_played
    assert (heat.units, heat.samples, panel.spent.replies) == (3, 2, 6)
    # Every reply was in form: what was not used was so for what it said, not for how.
    assert not {"no answer", "refused", "off the scale"} & heat.reasons.keys()
    assert text.unread == 0
    assert all(TEXT[slice(*map(int, span.removeprefix("chars ").split("-")))] for span in text.spans)


def test_the_recording_holds_no_key_and_no_machine() -> None:
    assert recording.leaks(CASSETTE, CANARY) == []
