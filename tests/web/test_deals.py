"""The deal desk: a text by form, scored without a game, a model or a key, and saved in a form that is scored again."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from roleplay.crises import load_crisis
from roleplay.scoring import score_commitments
from roleplay.scoring.outside import read_commitments
from tests.web.place import ORIGIN, opened

HALT = {"f.parties": ["dprk"], "f.what": "moratorium/icbm_test", "f.detail": "26 weeks", "f.start": "2017-09-01"}


def packed(page: str) -> str:
    found = re.search(r'name="text" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


async def test_a_text_is_put_together_scored_saved_and_scored_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        client = place.client()
        empty = (await client.get("/deals")).text
        assert "No clause yet" in empty
        form = {"crisis": "korea", "text": packed(empty), "title": "Halt", "do": "add", **HALT}
        page = (await client.post("/deals", data=form, headers=ORIGIN)).text
        for words in ("for 26 weeks", "Depth", "loophole", "Each government", "Nearest accords of history"):
            assert words in page
        saved = await client.post("/deals", data={**form, "text": packed(page), "do": "save"}, headers=ORIGIN)
        assert "attachment" in saved.headers["content-disposition"]
        file = tmp_path / "commitments.yaml"
        file.write_bytes(saved.content)
        crisis = load_crisis("korea")
        again = score_commitments(read_commitments(file, crisis).commitments, crisis)
        assert f"{again.composite.value:.0f}" in page
        gone = await client.post("/deals", data={**form, "text": packed(page), "do": "drop:0"}, headers=ORIGIN)
        assert "No clause yet" in gone.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"do": "add", "f.parties": "frog", "f.what": "moratorium/icbm_test"}, "cannot be chosen"),
        ({"do": "add"}, "nothing was chosen"),
        ({"text": "not json"}, "no text of at most"),
        ({"text": '[{"parties": []}]'}, "no text of at most"),
        ({"do": "drop:x"}, "not a whole number"),
    ],
)
async def test_what_does_not_do_is_told(tmp_path: Path, fields: dict[str, str], words: str) -> None:
    async with opened(tmp_path) as place:
        answer = await place.client().post("/deals", data=fields, headers=ORIGIN)
        assert answer.status_code == 422
        assert words in answer.text


async def test_an_accord_of_history_is_nearest_to_itself(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        page = (await place.client().get("/deals", params={"like": "AC07"})).text
        nearest = page.split("Nearest accords of history")[1]
        assert "distance 0.00" in nearest.split("</li>")[0]


async def test_each_government_s_red_lines_are_read_whether_it_is_a_party_or_not(tmp_path: Path) -> None:
    text = '[{"parties": ["us", "dprk"], "type": "alliance_concession", "object": "alliance_treaty"}]'
    async with opened(tmp_path) as place:
        page = (await place.client().post("/deals", data={"crisis": "korea", "text": text}, headers=ORIGIN)).text
    column = html.unescape(page.split("Each government")[1])
    assert len(re.findall("<summary>", column)) == len(load_crisis("korea").personas)
    seoul = column.split("<summary>Republic of Korea:")[1].split("</details>")[0]
    assert "no party to it, " in seoul
    assert "Red line crossed:" in seoul
    assert "Red line, kept:" in column
