"""What people read of a run: exports, pages, replay and live progress, each from one record in one view.

    record     a run in one view, and what its models were asked        finding   which run a name means
    names      display names          words     plain English for clauses, moves and events (templates/words.yaml)
    timeline   rounds, phases, lanes, turns            figures   indicators, ledger, key moments
    charts     geometry of the charts                  tables    players, counts, set-up
    jsonl      sealed lines           export    the four formats, and atomic writing
    html       the page (templates/)  markdown  the same for GitHub
    lines      events as lines of a terminal           live, replay   progress, and a run shown again

Knows nothing about how a game is played or scored.
"""
