"""A short game made by hand: two rounds with a secret ring, a deal, rulings, a failed turn, chance, a leak, a vote."""

from __future__ import annotations

from collections.abc import Callable

from tests.transcripts.builder import Game
from tests.transcripts.words_of_the_game import (
    ALL,
    AREA,
    BAN,
    MEMBERS,
    PAYMENT,
    RINGS,
    SEATS,
    TITLES,
    TRADE,
    role,
)


def play(text: Callable[[str], str] = str) -> Game:
    """The whole game."""
    game = Game(text)
    _setup(game)
    _first_talks(game)
    _first_round_ends(game)
    _second_talks(game)
    _second_round_ends(game)
    return game


def _setup(game: Game) -> None:
    text = game.text
    game.at(0, "setup").add(
        "run",
        None,
        ALL,
        scenario="august-2017",
        crisis="korea",
        title=text("Late August"),
        opens="2017-08-23",
        rounds=2,
        seats=SEATS,
        rings={r: TITLES[r] for r in RINGS if r not in ("us-dprk", "us-room")},
        setup="0" * 64,
        brief=text(
            "Two long-range tests in July, a new resolution in August, and a threat to the waters around Guam. "
            "An exercise of the allies has begun; nobody wants a war, and nobody is sure that the others know it."
        ),
        versions={"roleplay": "0.1.0", "ruleset": "1"},
    )
    for seat in SEATS:
        game.add("role", seat, (seat,), role=role(seat, text))
    for ring in ("us-rok", "us-jpn", "us-prc", "council"):
        game.add("channel", None, ALL, about=ring, state="open", members=MEMBERS[ring])
    game.add("channel", None, MEMBERS["us-dprk"], about="us-dprk", state="open", members=MEMBERS["us-dprk"])
    game.effect("tension", 3, "opening")
    game.close(0, "setup")


def _first_talks(game: Game) -> None:
    game.at(1, "brief").add(
        "inject",
        None,
        ALL,
        name="exercise",
        source=("PACFOR",),
        text=game.text("The allies' yearly command-post exercise goes on until 31 August."),
    )
    game.add(
        "inject",
        None,
        ("us",),
        name="estimate",
        status="inferred",
        text=game.text("An intelligence estimate: a launch over Japan is being prepared."),
    )
    game.close(1, "brief")
    game.at(1, "talks", "us-rok", 1)
    game.say(
        "us",
        "We want one line with you before anything moves. Bombers can come, but only if Seoul wants them seen.",
        "Consult first: an uncoordinated deployment would cost us more with Seoul than it gains in Pyongyang.",
    )
    game.move("us", kind="consult", instrument="visible_deployment")
    game.at(1, "talks", "us-rok", 2)
    game.say(
        "rok", "Seoul agrees to a visible flight, once, away from the line, and asks to be told of any direct contact."
    )
    game.at(1, "talks", "us-prc", 1)
    game.say("prc", "Pressure without a road to talks is a wall. We will do our share if Washington opens a door.")
    game.at(1, "talks", "us-prc", 2)
    game.say(
        "us",
        "We hear that. Enforce what all of us voted for on labour and joint ventures, and there will be a door.",
        outcome="repaired",
    )
    game.at(1, "talks", "us-dprk", 1)
    game.say(
        "dprk",
        "The hostile policy comes first. For fuel, five hundred thousand tons a year, we can speak of launches.",
        "Ask high. What we need is quiet until the harvest; the textile licences are worth more than they think.",
    )
    game.add("reasoning", "dprk", (), text=game.text("The opponent expects a payment demand; open with it."))
    game.move("dprk", kind="table", made=1, commitments=PAYMENT)
    game.at(1, "talks", "us-dprk", 2)
    game.say(
        "us", "There will be no payment. There can be a licence for textiles against a firm pause in long-range tests."
    )
    game.add(
        "ruling",
        "us",
        ("us",),
        rule="T4",
        rule_kind="policy",
        strength="NEVER",
        mode="block",
        verdict="blocked",
        tried={"kind": "accept", "number": 1},
        why=game.text("A tangible payment is never part of a bargain."),
        legal=game.text("Reject the text, or offer the easing of a particular sanction instead."),
    )
    game.move("us", kind="reject", number=1)
    game.move("us", kind="table", made=2, commitments=TRADE)
    game.close(1, "talks")


def _first_round_ends(game: Game) -> None:
    game.at(1, "act", None, 1)
    game.say("us", "", "One flight, announced, away from the line.", readers=("us",))
    flight = game.move(
        "us",
        ALL,
        kind="use",
        instrument="visible_deployment",
        params={"type": "strategic bombers", "visible": True, "aim": game.text("to show that a gamble cannot pay")},
    )
    game.add(
        "ruling",
        "us",
        ("us", "rok"),
        rule="M3",
        rule_kind="policy",
        strength="SHOULD",
        mode="observe",
        verdict="credited",
        tried={"kind": "use", "instrument": "visible_deployment"},
        why=game.text("It was put before the ally first."),
        legal="",
    )
    game.at(1, "act", None, 5)
    game.say("rus", "", outcome="failed", readers=("rus",))
    game.at(1, "act", None, 6)
    game.say("dprk", "", "Answer the bombers, but inside our own waters.", readers=("dprk",))
    test = game.move(
        "dprk", ALL, kind="use", instrument="missile_test", params={"range_km": 400, "target": "own waters"}
    )
    game.close(1, "act")
    game.at(1, "speak", None, 1)
    game.say(
        "us",
        "An attack would be answered at once. And there is a door to talks: we are ready to sit down.",
        "Keep to the script.",
        readers=ALL,
        post="state",
    )
    game.move("us", ALL, kind="statement", post="state", audience="dprk", tone="firm", line="talks_open")
    game.at(1, "speak", None, 6)
    game.say("dprk", "The bombers are a provocation that will be remembered.", readers=ALL, post="kcna")
    game.move(
        "dprk",
        ALL,
        kind="statement",
        post="kcna",
        audience="world",
        tone="threat",
        line="denounce",
        phrase=game.text("a sea of quiet"),
    )
    game.close(1, "speak")
    game.at(1, "settle")
    game.add("chance", None, (), name="naval_incident", draw=0.61, probability=0.12, happened=False)
    game.effect("tension", 4, "deployment-answered", flight)
    game.effect("tension", 2.5, "launch", test)
    game.effect("incident_risk", 3, "forces-close", flight)
    game.effect("programme", 1, "time-passes")
    game.effect("trust", -1, "payment-asked", of="dprk:us", readers=("us", "dprk"))
    game.close(1, "settle")


def _second_talks(game: Game) -> None:
    game.close(2, "brief")
    game.at(2, "talks", "us-prc", 1)
    game.say("us", "Here is a draft for New York: no new labour permits. It is the first step, and it is limited.")
    game.at(2, "talks", "us-prc", 2)
    game.say("prc", "", outcome="passed")
    game.move("prc", kind="pass")
    game.at(2, "talks", "us-dprk", 1)
    game.say(
        "dprk",
        "Twenty-six weeks without a long flight, for the licences and a line between the soldiers. We accept.",
        "The pause costs little: the engine needs the winter anyway. We keep the short ranges.",
    )
    game.add("intent", "dprk", ("dprk",), about="us-dprk", number=2, intends="depends")
    game.move("dprk", kind="accept", number=2)
    game.deal = game.add("deal", None, MEMBERS["us-dprk"], number=2, parties=("dprk", "us"), commitments=TRADE)
    game.at(2, "talks", "us-dprk", 2)
    game.say("us", "Then it is agreed. Not a word of it in public until both capitals say so.")
    game.move("us", ("us",), kind="confide", ring="us-dprk", to="rok")
    game.add(
        "channel", "us", ("us", "rok"), about="us-dprk", state="exists", members=MEMBERS["us-dprk"], ring=None, turn=0
    )
    game.at(2, "talks", "council", 1)
    game.say("us", "The text is before you.")
    game.move("us", kind="table", made=1, commitments=BAN)
    game.at(2, "talks", "us-room", 1)
    game.say("us", "", "The team needs room for the textile licences.")
    game.move("us", kind="mandate", ring="us-dprk", grants=["sanctions_easing", "communication"])
    game.close(2, "talks")


def _second_round_ends(game: Game) -> None:
    for turn, (seat, vote) in enumerate({"us": "yes", "jpn": "yes", "prc": "yes", "rus": "abstain"}.items(), 1):
        game.at(2, "council", None, turn)
        game.say(seat, "", readers=ALL)
        game.move(seat, ALL, kind="vote", number=1, vote=vote)
    others = {
        "uk": "yes",
        "fra": "yes",
        "Egypt": "yes",
        "Sweden": "yes",
        "Ukraine": "yes",
        "Senegal": "yes",
        "Bolivia": "no",
    }
    game.at(2, "council", None, 99).add(
        "tally",
        None,
        ALL,
        ring="council",
        number=1,
        votes={"us": "yes", "jpn": "yes", "prc": "yes", "rus": "abstain", **others},
        by_rule=tuple(others),
        adopted=True,
        why="9 in favour, 9 needed",
    )
    game.add(
        "deal",
        None,
        ALL,
        ring="council",
        number=1,
        parties=("jpn", "prc", "rus", "us"),
        commitments=BAN,
        form="resolution",
    )
    game.close(2, "council")
    game.at(2, "act", None, 6)
    game.move("dprk", ("dprk",), kind="leak", ring="us-dprk", number=2)
    game.close(2, "act")
    game.at(2, "speak", None, 1)
    game.say("us", "We do not comment on talks.", readers=ALL, post="leader")
    game.move("us", ALL, kind="statement", post="leader", audience="allies", tone="neutral", line="deterrence")
    game.at(2, "speak", None, 6)
    game.say("dprk", "The waters around Guam are not a target while there is quiet.", readers=ALL, post="fm")
    game.move("dprk", ALL, kind="pledge", commitment=AREA)
    game.add("deal", "dprk", ALL, number=1, parties=("dprk",), commitments=(AREA,), form="pledge")
    game.close(2, "speak")
    deal = game.deal
    game.at(2, "settle").add(
        "breach",
        "us",
        MEMBERS["us-dprk"],
        commitment="us-dprk/2.2",
        by="us",
        clause=TRADE[1],
        openly=False,
        evidence=(deal,),
    )
    game.add(
        "leak",
        None,
        ALL,
        about="us-dprk/2",
        text=game.text("Pyongyang and Washington are said to have a paper on tests."),
    )
    secret = game.effect("tension", -7, "pause-agreed", deal, readers=("us", "dprk"))
    game.effect("tension", -7, "pause-agreed", origin=secret, readers=tuple(r for r in ALL if r not in ("us", "dprk")))
    game.effect("trust", 6, "pause-agreed", deal, of="dprk:us", readers=("us", "dprk"))
    game.effect("council_unity", -2, "abstention")
    game.effect("programme", 1, "time-passes")
    game.add("chance", None, (), name="quiet_week", draw=0.20, probability=0.35, happened=True)
    game.add(
        "inject", None, ALL, name="quiet_week", status="authored", text=game.text("A week without an incident at sea.")
    )
    game.add("ending", None, ALL, ended="truncated", name="rounds", reason=game.text("stopped after round 2, as asked"))
    game.close(2, "settle")
