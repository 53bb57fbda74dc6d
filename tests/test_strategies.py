"""A strategy's words reach the prompt of the seat that was given it and no other; its policy moves policies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from roleplay.crises import load_crisis
from roleplay.errors import AuthorError
from roleplay.events import Moved, Spoken
from roleplay.game import Options, Run, play
from roleplay.models.scripted import ScriptedModel
from roleplay.moves import Use
from roleplay.setup import Settings, resolve
from tests.test_crises import copied

KOREA = load_crisis("korea")
WITH_BOTH_HALVES = {
    "article-package", "tough-only", "talks-only", "maximum-pressure", "freeze-for-freeze", "grit",
}  # fmt: skip
TREATMENTS = {"heated-words", "measured-words"}
"""Of suites on one claim: words alone."""
ABLATIONS = {"no-goals", "no-history", "no-messages", "reflect-first"}
SEATS = ("us", "rok", "jpn", "prc", "rus", "dprk")
PASS = {"deliberation": "", "text": "", "moves": [{"kind": "pass"}]}


def asked(out: Path, strategy: str, *, seat: str = "us", rounds: int = 1) -> list[list[str]]:
    """The messages of each request to one seat that a model plays; the others follow their dossiers."""
    model = ScriptedModel(lambda request: PASS)
    drivers = {s: "model" if s == seat else "baseline:steady" for s in SEATS}
    options = Options(out=out, open_model=lambda spec: model)
    play("august-2017", seats=drivers, strategies={seat: strategy}, model="scripted", rounds=rounds, options=options)
    return [[m["content"] for m in request.messages] for request in model.requests]


def stated(prompt: str) -> set[str]:
    """Ids of the article map that a prompt cites, in brackets after what they say."""
    cited = " ".join(re.findall(r"\(((?:[A-Z]+\d+[a-e]?(?:, )?)+)\)", prompt))
    return set(re.findall(r"[A-Z]+\d+[a-e]?", cited))


def by_policies(out: Path, strategy: str, **settings: object) -> Run:
    seats = {seat: f"baseline:{profile}" for seat, profile in KOREA.scenarios["august-2017"].seats.items()}
    return play("august-2017", seats=seats, strategies={"us": strategy}, options=Options(out=out), **settings)


def used(run: Run) -> list[str]:
    """Families of the instruments that the protagonist used."""
    uses = [e.move for e in run.events if isinstance(e, Moved) and e.seat == "us" and isinstance(e.move, Use)]
    return [KOREA.instruments[u.instrument].family for u in uses]


def test_the_strategies_are_those_that_were_asked_for() -> None:
    assert set(KOREA.strategies) == {*WITH_BOTH_HALVES, *ABLATIONS, *TREATMENTS, "free-play"}
    assert {n for n, s in KOREA.strategies.items() if s.directives and s.policy} == WITH_BOTH_HALVES | TREATMENTS
    assert {n for n, s in KOREA.strategies.items() if s.ablate} == ABLATIONS


# --- the article's advice reaches only who was given it --------------------------------------------------------------


ARTICLE = {
    "F3", "F4", "F6", "F7", "M1", "M3", "M4", "S1", "S2", "S3", "S4", "S6", "S7", "S9", "S10", "S12", "D1", "D2", "D3",
    "D4", "D5", "D6", "D8", "D10", "D12", "P1", "P2", "P4", "P6", "P6b", "P6c", "P6d", "P6e", "P7", "G2", "G3", "I1",
    "I2", "T1", "T2", "T3", "T4", "T5", "T6", "K1", "K2",
}  # fmt: skip
"""Every id that the prompt of the article's package states."""


@pytest.mark.parametrize("name", sorted(KOREA.strategies))
def test_a_prompt_states_the_article_map_ids_that_its_strategy_lists_and_no_others(tmp_path: Path, name: str) -> None:
    prompt = asked(tmp_path, name)[0][0]
    assert stated(prompt) == set(KOREA.strategies[name].map) == (ARTICLE if name == "article-package" else set())
    assert all(" ".join(d.split()) in prompt for d in KOREA.strategies[name].directives)


@pytest.mark.parametrize("seat", SEATS)
def test_no_seat_in_free_play_is_told_the_articles_advice(tmp_path: Path, seat: str) -> None:
    prompt = asked(tmp_path, "free-play", seat=seat)[0][0]
    advice = [item.text for item in KOREA.personas[seat].items() if item.layer == "article"]
    assert not stated(prompt)
    assert not any(text in prompt for text in advice)
    assert "instructions for this game" not in prompt
    assert not re.search("solid front|real pressure|mandate from the top|subcontract|gnat", prompt)


def test_the_other_seats_are_told_nothing_of_a_strategy(tmp_path: Path) -> None:
    model = ScriptedModel(lambda request: PASS)
    options = Options(out=tmp_path, open_model=lambda spec: model)
    play("august-2017", seats=dict.fromkeys(SEATS, "model"), strategies={"us": "article-package"}, model="scripted",
         rounds=1, options=options)  # fmt: skip
    told = {r.slot for r in model.requests if "instructions for this game" in r.messages[0]["content"]}
    assert told == {"us"}


# --- policies --------------------------------------------------------------------------------------------------------


def test_a_policy_half_changes_what_a_baseline_uses(tmp_path: Path) -> None:
    tools = {name: used(by_policies(tmp_path / name, name)) for name in WITH_BOTH_HALVES}
    hard = {name: sum(f in ("deterrence", "sanctions") for f in families) for name, families in tools.items()}
    assert hard["talks-only"] == 0
    assert min(hard["tough-only"], hard["maximum-pressure"]) > max(hard["freeze-for-freeze"], hard["grit"])
    assert {"diplomacy"} <= set(tools["talks-only"])
    assert not {"diplomacy", "restraint"} & set(tools["tough-only"])


def test_the_articles_package_uses_all_its_families_of_tools(tmp_path: Path) -> None:
    families = set(used(by_policies(tmp_path, "article-package")))
    assert {"deterrence", "sanctions", "diplomacy"} <= families


# --- ablations -------------------------------------------------------------------------------------------------------


def test_without_goals_a_seat_is_not_told_what_its_government_wants(tmp_path: Path) -> None:
    persona = resolve(Settings(scenario="august-2017")).sheets["us"].persona
    goals = [i.text for part in (persona.interests, persona.red_lines, persona.batna, persona.fears) for i in part]
    whole, ablated = asked(tmp_path / "a", "free-play")[0][0], asked(tmp_path / "b", "no-goals")[0][0]
    assert all(text in whole and text not in ablated for text in goals)
    assert all(text in ablated for text in (persona.name, persona.organisational_facts[0].text))
    assert "What you want" not in ablated


def test_without_history_a_seat_sees_how_things_stand_and_not_how_they_came_so(tmp_path: Path) -> None:
    whole, ablated = asked(tmp_path / "a", "free-play", rounds=2), asked(tmp_path / "b", "no-history", rounds=2)
    assert [len(m) for m in ablated] == [3] * len(ablated)
    assert max(len(m) for m in whole) > 8
    assert "resolution_2371" in ablated[-1][1]
    assert "How things stand" in ablated[-1][-1]


def test_without_messages_a_seat_sees_moves_and_hears_no_words(tmp_path: Path) -> None:
    whole, ablated = asked(tmp_path / "a", "free-play", rounds=2), asked(tmp_path / "b", "no-messages", rounds=2)
    assert '"text":"' in "".join(whole[-1][1:])
    assert '"text":"' not in "".join(ablated[-1][1:])
    assert "".join(ablated[-1]).count('"move":{') == "".join(whole[-1]).count('"move":{') > 0


def test_reflection_is_asked_for_in_each_question(tmp_path: Path) -> None:
    whole, ablated = asked(tmp_path / "a", "free-play"), asked(tmp_path / "b", "reflect-first")
    assert [m[:-1] for m in whole] == [m[:-1] for m in ablated]
    assert all(b[-1].startswith(a[-1]) and "wants most" in b[-1] for a, b in zip(whole, ablated, strict=True))


@pytest.mark.parametrize("name", sorted(ABLATIONS))
def test_an_ablation_changes_nothing_for_a_baseline_and_says_so(tmp_path: Path, name: str) -> None:
    def said(run: Run) -> list[str]:
        return [e.text for e in run.events if isinstance(e, Spoken)]

    plain, ablated = (by_policies(tmp_path / n, n, rounds=1) for n in ("free-play", name))
    assert said(plain) == said(ablated)
    assert "a model plays by itself" in KOREA.strategies[name].note


def test_an_ablation_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "strategies" / "no-goals.yaml"
    path.write_text(path.read_text().replace("[no-goals]", "[no-brains]"))
    with pytest.raises(AuthorError) as caught:
        load_crisis(folder)
    words = str(caught.value)
    assert "no-brains" in words
    assert "reflect-first" in words
