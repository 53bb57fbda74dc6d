"""The command that scores: runs, or commitments from a file; the figures themselves live in `roleplay.scoring`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from .app import app, emit, later
from .playing import Json
from .reading import find

if TYPE_CHECKING:
    from ..scoring import Scorecard


@app.command()
def score(
    runs: Annotated[list[str] | None, typer.Argument(metavar="RUN...", help="Runs, exports or samples.")] = None,
    commitments: Annotated[
        Path | None, typer.Option("--commitments", metavar="FILE", help="Typed commitments (YAML or JSON); no model.")
    ] = None,
    crisis: Annotated[str, typer.Option("--crisis", help="Whose vocabulary --commitments uses.")] = "korea",
    lens: Annotated[str, typer.Option("--lens", help="Which composite heads the card; default: the first.")] = "",
    text: Annotated[Path | None, typer.Option("--text", metavar="FILE", help="Plain text (not built yet).")] = None,
    judge: Annotated[str | None, typer.Option("--judge", metavar="MODEL", help="Not built yet.")] = None,
    no_judge: Annotated[bool, typer.Option("--no-judge", help="The measured layer alone.")] = False,
    as_json: Json = False,
) -> None:
    """Score runs, or a deal from outside: items, fails, composites, each with the events that prove it.

    Example: roleplay score august-2017-by-hand --lens article
    """
    from ..scoring import score as score_run
    from ..scoring.words import card_words, ranking_words

    if text or judge:
        raise later("--text" if text else "--judge")
    if bool(runs) == bool(commitments):
        raise UsageError("score needs runs, or --commitments FILE", hint="roleplay score august-2017-by-hand")
    cards = [_typed(commitments, crisis, lens)] if commitments else [score_run(find(r), lens=lens) for r in runs or ()]
    data: list[Any] = [card.model_dump(mode="json") for card in cards]
    words = "\n\n".join(card_words(card) for card in cards)
    emit(data if len(data) > 1 else data[0], as_json, words + (ranking_words(cards) if len(cards) > 1 else ""))


def _typed(path: Path, crisis: str, lens: str) -> Scorecard:
    from ..crises import load_crisis
    from ..scoring import score_commitments
    from ..scoring.reading import read_commitments

    found = load_crisis(crisis)
    file = read_commitments(path, found)
    return score_commitments(file.commitments, found, name=file.title or path.name, lens=lens)
