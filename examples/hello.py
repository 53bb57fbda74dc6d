"""Play two rounds without any model: every seat follows its baseline, and the strategy is the article's."""

import roleplay
from roleplay.events import Spoken

SEATS = {
    "us": "baseline:steady",
    "rok": "baseline:dove",
    "jpn": "baseline:hawk",
    "prc": "baseline:tit-for-tat",
    "rus": "baseline:hedger",
    "dprk": "baseline:defiant",
}

run = roleplay.play("august-2017", seats=SEATS, strategies={"us": "article-package"}, rounds=2, seed=1)

print(run.result.ended, "-", run.result.reason)
for event in run.events:
    if isinstance(event, Spoken) and event.text and event.ring:
        print(f"[{event.ring}] {event.seat}: {event.text}")
