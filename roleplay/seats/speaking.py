"""What a weighted baseline says in public: a line of one post, a pledge, an announcement, or nothing. Knows no post."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from ..commitments import Commitment, Duration
from ..moves import LINE_LIMIT, TONES, Announce, NameOfficial, Pass, Pledge, Statement, Tone
from .reading import Choice, Reading

SMALL = -1.25
"""The most that a first step may cost; one that costs nothing is no step."""
SCRIPT = 3
"""Policy lines that a disciplined government says in turn, week by week: the first of its list."""
UNANSWERED = 3
"""First steps that are announced although nobody has answered one (Osgood: go on for a while)."""


def speak(r: Reading) -> list[Choice]:
    """The seat's public lines of the round; a pass where it chooses silence."""
    choices = [*(_speech(r) or _statement(r)), *_first_step(r), *_announcement(r)]
    return choices or [Choice(Pass(), "Silence serves us better this week.")]


def _speech(r: Reading) -> list[Choice]:
    """The policy speech, once: every line of the strategy by the office for foreign policy, and who answers for it."""
    given = any(isinstance(e.move, Statement) and e.move.also for e in r.own_moves)
    posts = {post.office: post.id for post in r.sheet.persona.posts if post.speaks}
    lines = [line for line in r.strategy.line if line in r.sheet.lines][: LINE_LIMIT + 1]
    if given or not (r.strategy.speech and posts and lines and r.sheet.audiences):
        return []
    post = posts.get("foreign") or next(iter(posts.values()))
    move = Statement(
        post=post, audience=r.sheet.audiences[0], tone=_tone(r), line=lines[0], also=tuple(lines[1:]), phrase=_signal(r)
    )
    why = "One speech says what the policy is, before anybody else does."
    return [Choice(NameOfficial(post=post), "One office answers for it."), Choice(move, why)]


def _statement(r: Reading) -> Iterator[Choice]:
    posts = [post.id for post in r.sheet.persona.posts if post.speaks]
    if not posts or not r.sheet.lines or not r.sheet.audiences:
        return
    phrase = _signal(r)
    if not phrase and r.draw("silence") < r.profile.silence - max(0.0, r.provoked()) / 4:
        return
    post, lines, steady = _post(r, posts)
    hottest = TONES.index(_tone(r))
    for line, tone in product(lines, TONES[hottest::-1]):
        move = Statement(post=post, audience=_audience(r), tone=tone, line=line, phrase=phrase)
        if r.profile.treachery or not r.breaks(move):
            why = "The same post, to script." if steady else "It is time for another voice."
            yield Choice(move, f"{why} Tone {tone}.")
            return


def _post(r: Reading, posts: list[str]) -> tuple[str, list[str], bool]:
    """Post, lines, and whether they are to script: one post that goes through the first lines, or both drawn.

    Those after the first line are for when a promise of one's own forbids it.
    """
    lines = _preferred(r)
    if r.draw("discipline") < r.profile.discipline:
        said = [e.move for e in r.own_moves if isinstance(e.move, Statement)]
        first = (r.round - 1) % min(len(lines), SCRIPT)
        return said[-1].post if said else posts[0], lines[first:] + lines[:first], True
    drawn = int(r.draw("line") * len(lines))
    return posts[int(r.draw("post") * len(posts))], lines[drawn:] + lines[:drawn], False


def _preferred(r: Reading) -> list[str]:
    """The strategy's policy lines, then those its dossier leans to, the most first; else all the crisis has."""
    leanings = sorted((row for row in r.dossier.instruments if row.weight > 0), key=lambda row: -row.weight)
    named = [line for line in (*r.strategy.line, *(row.id for row in leanings)) if line in r.sheet.lines]
    return list(dict.fromkeys(named or r.sheet.lines))


def _tone(r: Reading) -> Tone:
    """The strategy's tone or the profile's, hotter by provocation, cooler by goodwill."""
    base = r.strategy.tone if r.strategy.tone in TONES else r.profile.tone
    steps = int(r.profile.heat * r.conduct.worst(r.conduct.of))
    return TONES[max(0, min(len(TONES) - 1, TONES.index(base) + steps))]


def _audience(r: Reading) -> str:
    """Whoever provoked it most, where that is an audience; else the first of the crisis's."""
    worst = max(r.conduct.of, key=lambda s: (r.conduct.of[s], s), default=None)
    if worst in r.sheet.audiences and r.conduct.of[worst or ""] > 0.5:
        return worst or ""
    return r.sheet.audiences[0]


def _signal(r: Reading) -> str:
    """Prearranged words that invite to a ring which the seat wants and which does not meet."""
    for ring, phrase in sorted(r.view.world.phrases.items()):
        if ring in r.sheet.rings and not r.is_open(ring) and r.strategy.rings.get(ring, 0.0) + r.profile.openness >= 0:
            return phrase
    return ""


def _first_step(r: Reading) -> Iterator[Choice]:
    """A small step announced in advance and bound to nothing, from what its offers would have given anyway."""
    made = [e.move.commitment for e in r.own_moves if isinstance(e.move, Pledge)]
    if not (r.profile.first_steps or r.strategy.first_steps):
        return
    if len(made) >= UNANSWERED and min(r.conduct.of.values(), default=0.0) >= 0:
        return
    done = {(c.type, c.object) for c in made}
    steps = [c for c in _givable(r) if (c.type, c.object) not in done and SMALL <= r.clause_worth(c) < 0]
    for step in sorted(steps, key=r.clause_worth, reverse=True):
        move = Pledge(commitment=step)
        if not r.blocked(move) and not r.withheld(step) and not r.view.ledger.in_force(r.me, step.type, step.object):
            yield Choice(move, "A small first step, announced beforehand, that asks for nothing and invites an answer.")
            return


def _givable(r: Reading) -> list[Commitment]:
    """What the seat's offers would have it give, as steps of its own: dated, and in return for nothing."""
    offers = [o for o in r.dossier.offers if o.ring != r.sheet.council]
    given = [c for offer in offers for c in offer.clauses if r.me in c.parties]
    bare = {"parties": (r.me,), "in_return_for": "", "conditions": "", "trigger": ""}
    return [
        c.model_copy(update={**bare, "duration": Duration(kind="dated", detail="4 weeks")})
        for c in given if c.type in r.sheet.types and c.object in r.sheet.objects
    ]  # fmt: skip


def _announcement(r: Reading) -> Iterator[Choice]:
    """Make a deal public whose ring is no secret; what was said in a hidden or confidential ring stays there."""
    for entry in r.view.ledger.in_force():
        if entry.form != "deal" or r.me not in entry.parties or entry.ring is None:
            continue
        number = int(entry.id.split("/")[1].split(".")[0])
        row = r.sheet.rings.get(entry.ring)
        secret = row is None or row.confidentiality in ("secret", "confidential")
        if secret or f"{entry.ring}/{number}" in r.view.world.published:
            continue
        if r.draw(f"announce-{entry.ring}-{number}") < r.profile.announces:
            yield Choice(Announce(ring=entry.ring, number=number), "An agreed text of an open room may be known.")
            return
