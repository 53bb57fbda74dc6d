"""Dossiers: sourced, dated, offices only; what is wrong in one is told with its line."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from roleplay.errors import AuthorError, Problem, UsageError
from roleplay.loading import load_document
from roleplay.personas import load_persona, load_personas, load_sources, persona_folders
from roleplay.personas.models import SECTIONS, Persona
from roleplay.resources import PACKAGE

KOREA = PACKAGE / "personas" / "korea"
SEATS = ("us", "rok", "jpn", "prc", "rus", "dprk")

NAMED = [
    "Trump", "Pence", "Tillerson", "Mattis", "McMaster", "Haley", "Mnuchin", "Yun", "Brooks", "Harris", "Obama", "Bush",
    "Clinton", "Warmbier", "Moon", "Jae", "Kang", "Chung", "Song", "Park", "Abe", "Suga", "Kono", "Onodera", "Xi",
    "Jinping", "Wang", "Yang", "Liu", "Putin", "Lavrov", "Nebenzya", "Nebenzia", "Kim", "Jong", "Ri", "Choe", "Pak",
    "Yong", "Johnson", "Boris", "Theresa", "Rycroft", "Macron", "Drian", "Delattre", "DeThomas",
]  # fmt: skip
"""Surnames (and some first names) of 2017; 'May' and 'Field' are left out, being words."""


@pytest.fixture(scope="module")
def korea() -> dict[str, Persona]:
    return load_personas(KOREA)


def texts(value: object, key: str = "") -> Iterator[str]:
    """Every authored word of a dossier but ids and source keys."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from texts(part, name) if name not in ("src", "basis", "id") else ()
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts(part, key)
    elif isinstance(value, str):
        yield value


# --- the Korean dossiers ---------------------------------------------------------------------------------------------


def test_all_eight_governments_have_a_dossier(korea: dict[str, Persona]) -> None:
    assert set(korea) == {*SEATS, "uk", "fra"}
    for seat in SEATS:
        persona = korea[seat]
        assert all(getattr(persona, section) for section in SECTIONS), seat
        assert all((persona.policy.values, persona.policy.offers, persona.policy.instruments)), seat


def test_every_item_and_post_has_a_source_that_exists_and_every_source_is_used(korea: dict[str, Persona]) -> None:
    sources = load_sources(KOREA)
    items = {key for p in korea.values() for item in p.items() for key in item.src}
    posts = {key for p in korea.values() for post in p.posts for key in post.src}
    assert items | posts == set(sources)


def test_no_red_line_is_unverified(korea: dict[str, Persona]) -> None:
    lines = [(p.id, line.id, line.status) for p in korea.values() for line in p.red_lines]
    assert {status for _, _, status in lines} == {"verified", "inferred"}
    assert {seat for seat, _, _ in lines} == set(korea)


def test_general_knowledge_never_makes_a_thing_verified(korea: dict[str, Persona]) -> None:
    for persona in korea.values():
        for item in persona.items():
            assert item.src != ("GK",) or item.status == "unverified", (persona.id, item.id)
            assert "GK" not in item.src or item.status is not None, (persona.id, item.id)


def test_offices_only_no_person_is_named(korea: dict[str, Persona]) -> None:
    pattern = re.compile(rf"\b({'|'.join(NAMED)})\b")
    found = [(p.id, text) for p in korea.values() for text in texts(p.model_dump()) if pattern.search(text)]
    assert found == []


def test_comments_name_no_person_either() -> None:
    pattern = re.compile(rf"\b({'|'.join(NAMED)})\b")
    comments = [line for seat in SEATS for line in (KOREA / f"{seat}.yaml").read_text().splitlines() if "#" in line]
    assert comments
    assert [line for line in comments if pattern.search(line)] == []


def test_every_seat_has_posts_that_speak_and_posts_that_decide(korea: dict[str, Persona]) -> None:
    for persona in korea.values():
        assert 2 <= sum(post.speaks for post in persona.posts) <= 4, persona.id
        assert {"foreign", "un"} <= {post.id for post in persona.posts} or persona.id in ("rok", "jpn")
        assert any(post.decides and post.office == "leader" for post in persona.posts), persona.id
    spokespersons = [post for p in korea.values() for post in p.posts if post.id == "spokesperson"]
    assert [(post.speaks, post.decides) for post in spokespersons] == [(True, False)] * 2


def test_beliefs_are_about_other_governments_as_this_seat_sees_them(korea: dict[str, Persona]) -> None:
    assert all(b.about != p.id and b.about in korea for p in korea.values() for b in p.beliefs)
    assert "blockade" in next(b.text for b in korea["dprk"].beliefs if b.about == "us")
    assert [b.about for b in korea["us"].beliefs] == ["rok", "jpn", "prc", "rus", "dprk", "fra"]


def test_policy_rests_on_the_governments_own_layer(korea: dict[str, Persona]) -> None:
    for persona in korea.values():
        advice = {item.id for item in persona.items() if item.layer == "article"}
        for part in ("values", "offers", "instruments"):
            rows = getattr(persona.policy, part)
            assert [row for row in rows if advice & set(row.basis)] == [], persona.id


def test_no_value_stands_twice(korea: dict[str, Persona]) -> None:
    for persona in korea.values():
        keys = [(v.giver, v.type, v.object) for v in persona.policy.values]
        assert len(keys) == len(set(keys)), persona.id


def test_every_offer_binds_others_or_itself_to_something_it_wants(korea: dict[str, Persona]) -> None:
    for persona in korea.values():
        for offer in persona.policy.offers:
            parties = {party for clause in offer.clauses for party in clause.parties}
            assert parties <= set(SEATS), offer.title
            assert len(parties) > 1, offer.title


def test_policy_speaks_the_words_of_the_crisis(korea: dict[str, Persona]) -> None:
    crisis = PACKAGE / "crises" / "korea"
    words = load_document(crisis / "commitments.yaml").data
    objects = {row["id"]: row.get("objects") or [o["id"] for o in words["objects"]] for row in words["types"]}
    rows = load_document(crisis / "instruments.yaml").data["instruments"]
    lines = [row["id"] for row in load_document(crisis / "crisis.yaml").data["lines"]]
    rights = {(seat, name) for row in rows for seat in row["seats"] for name in (row["id"], row["family"], *lines)}
    rings = {row["id"]: set(row["members"]) for row in load_document(crisis / "crisis.yaml").data["rings"]}
    wrong: list[object] = []
    for persona in korea.values():
        policy = persona.policy
        wrong += [v for v in policy.values if v.type not in objects or v.object not in (None, *objects[v.type])]
        wrong += [(persona.id, row.id) for row in policy.instruments if (persona.id, row.id) not in rights]
        for offer in policy.offers:
            wrong += [(offer.title, c) for c in offer.clauses if c.object not in objects.get(c.type, ())]
            wrong += [offer.title for c in offer.clauses if not set(c.parties) <= rings.get(offer.ring, set())]
    assert wrong == []


# --- what was known when ---------------------------------------------------------------------------------------------


def ids(persona: Persona, section: str) -> set[str]:
    return {item.id for item in getattr(persona, section)}


def test_a_later_item_is_hidden_before_its_day_and_shown_from_it_on(korea: dict[str, Persona]) -> None:
    rok, dprk = korea["rok"], korea["dprk"]
    assert ids(rok.as_of("2017-09-12"), "opening_position") - ids(rok.as_of("2017-08-23"), "opening_position") == {
        "o3",
        "o4",
    }
    assert ids(dprk.as_of("2017-09-16"), "batna") - ids(dprk.as_of("2017-09-15"), "batna") == {"b2"}
    assert ids(korea["us"].as_of("2017-09-20"), "batna") == {"b1", "b3"}


def test_nothing_of_after_the_opening_day_is_left_on_it(korea: dict[str, Persona]) -> None:
    for persona in korea.values():
        then = persona.as_of(datetime.date(2017, 8, 23))
        assert [item for item in then.items() if item.known_from] == []
        assert len(list(then.items())) < len(list(persona.items()))


def test_the_articles_advice_is_no_part_of_what_a_government_holds(korea: dict[str, Persona]) -> None:
    us = korea["us"].as_of("2030-01-01")
    assert {item.layer for item in us.items()} == {"government"}
    assert ids(korea["us"], "acceptable_trades") - ids(us, "acceptable_trades") == {"t1", "t2", "t3"}
    assert "r2" not in ids(us, "red_lines")


def test_policy_loses_what_rested_on_hidden_items_only(tmp_path: Path) -> None:
    later = "{id: i2, rank: 2, text: later, src: [A], known_from: '2017-09-01'}"
    persona = load(
        tmp_path,
        f"  - {{id: i1, rank: 1, text: first, src: [A]}}\n  - {later}\n",
        "policy:\n  values:\n"
        "    - {giver: x, type: moratorium, value: 1, why: both, basis: [i1, i2]}\n"
        "    - {giver: x, type: limit, value: 1, why: later, basis: [i2]}\n"
        "  instruments:\n    - {id: restrain, weight: 1, why: always}\n",
    )
    then = persona.as_of("2017-08-23").policy
    assert [(v.why, v.basis) for v in then.values] == [("both", ("i1",))]
    assert len(then.instruments) == 1
    assert persona.as_of("2017-09-01") == persona


def test_a_dossier_survives_json(korea: dict[str, Persona]) -> None:
    for persona in korea.values():
        then = persona.as_of("2017-08-23")
        assert Persona.model_validate_json(then.model_dump_json(exclude_defaults=True)) == then


# --- finding and reading ---------------------------------------------------------------------------------------------

HEAD = "id: us\nname: United States\ntitle: A seat\ninterests:\n"
INTEREST = "  - {id: i1, rank: 1, text: peace, src: [A]}\n"
TAIL = "posts:\n  - {id: leader, title: President, office: leader, src: [A]}\n"
SOURCES = """sources:
  A: {title: a, year: 2017, status: seen}
  GK: {title: general knowledge, year: 2026, status: general}
"""


def load(folder: Path, interests: str = INTEREST, tail: str = "", sources: str = SOURCES) -> Persona:
    (folder / "sources.yaml").write_text(sources)
    (folder / "us.yaml").write_text(HEAD + interests + TAIL + tail)
    return load_personas(folder)["us"]


def problems(folder: Path, interests: str = INTEREST, tail: str = "", sources: str = SOURCES) -> list[Problem]:
    with pytest.raises(AuthorError) as caught:
        load(folder, interests, tail, sources)
    return caught.value.problems


def test_a_source_that_does_not_exist_has_its_line_and_the_nearest_one(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, "  - {id: i1, rank: 1, text: peace, src: [A, gk]}\n")
    assert (problem.line, problem.where, problem.found) == (5, "interests.0.src.1", "source 'gk' does not exist")
    assert problem.hint == "did you mean 'GK'?"


def test_a_day_that_does_not_exist_and_a_wrong_word_have_their_lines(tmp_path: Path) -> None:
    item = "  - {{id: i{0}, rank: 1, text: peace, src: [A], {1}}}\n"
    rows = [item.format(n, extra) for n, extra in enumerate(["known_from: 2017-02-30", "status: sure", "layer: gov"])]
    day, status, layer = problems(tmp_path, "".join(rows))
    assert (day.line, day.found) == (5, "'2017-02-30' is not a day of the calendar")
    assert (status.line, status.allowed) == (6, "verified, inferred, unverified, authored")
    assert (layer.line, layer.allowed) == (7, "government, article")


def test_ids_that_stand_twice_and_grounds_that_do_not_exist_have_their_lines(tmp_path: Path) -> None:
    twice, ground = problems(
        tmp_path,
        INTEREST * 2,
        "policy:\n  values:\n    - {giver: x, type: limit, value: 1, why: so, basis: [i7]}\n",
    )
    assert (twice.line, twice.found, twice.hint) == (6, "id 'i1' stands twice", "it is on line 5 too")
    assert (ground.line, ground.where, ground.found) == (11, "policy.values.0.basis.0", "item 'i7' does not exist")


def test_general_knowledge_alone_needs_a_status_that_says_so(tmp_path: Path) -> None:
    silent = "  - {id: i1, rank: 1, text: peace, src: [GK]}\n"
    claimed = "  - {id: i2, rank: 2, text: war, src: [GK], status: verified}\n"
    assert [(p.line, p.allowed) for p in problems(tmp_path, silent + claimed)] == [
        (5, "unverified, inferred"),
        (6, "unverified, inferred"),
    ]


def test_a_red_line_needs_a_status_and_an_unknown_key_gets_a_hint(tmp_path: Path) -> None:
    tail = "red_lines:\n  - {id: r1, text: no force, src: [A]}\n  - {id: r2, text: no, scr: [A], status: verified}\n"
    found = [(p.line, p.found, p.hint) for p in problems(tmp_path, tail=tail)]
    assert found == [
        (9, "'status' is missing", ""),
        (10, "'src' is missing", ""),
        (10, "unknown key 'scr'", "did you mean 'src'?"),
    ]


def test_problems_of_all_files_of_a_folder_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "rok.yaml").write_text("id: kor\n")
    files = {(Path(p.file).name, p.line) for p in problems(tmp_path, sources="sources: {A: {title: a}}\n")}
    assert files == {("sources.yaml", 1), ("rok.yaml", 1)}
    (tmp_path / "prc.yaml").write_text("a: *b\n")
    files = {(Path(p.file).name, p.line) for p in problems(tmp_path, "  - {id: i1, rank: 0, text: peace, src: [B]}\n")}
    assert files == {("us.yaml", 5), ("rok.yaml", 1), ("prc.yaml", 1)}


def test_a_persona_is_found_by_name_in_any_case_and_a_wrong_name_says_which_exist() -> None:
    assert load_persona("korea", "DPRK").id == "dprk"
    with pytest.raises(UsageError, match=r"there is dprk, fra, jpn, prc, rok, rus, uk, us\n  did you mean 'dprk'"):
        load_persona("korea", "dprkk")
    with pytest.raises(UsageError, match="cannot be used"):
        load_persona("../korea", "us")


def test_a_users_dossier_comes_before_ours_and_may_use_our_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "personas" / "korea"
    mine.mkdir(parents=True)
    text = (KOREA / "us.yaml").read_text().replace("name: United States", "name: My States")
    (mine / "us.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert load_persona("korea", "us").name == "My States"
    assert load_persona("korea", "rok").name == "Republic of Korea"
    assert persona_folders("korea") == [mine, KOREA]


def test_a_crisis_brings_its_own_dossiers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "crises" / "mine" / "personas"
    folder.mkdir(parents=True)
    load(folder)
    monkeypatch.chdir(tmp_path)
    assert load_persona("mine", "us").interests[0].text == "peace"
