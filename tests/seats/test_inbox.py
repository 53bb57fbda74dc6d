"""The game's time at the inbox: what a pause does to clocks, whoever is asked."""

from __future__ import annotations

from roleplay.seats.inbox import Inbox


def test_a_pause_stops_every_clock_even_where_nobody_is_asked() -> None:
    seconds = [0.0]
    inbox = Inbox(10, clock=lambda: seconds[0])
    clock = inbox.start_clock()
    inbox.pause(True)
    seconds[0] = 25
    assert inbox.start_clock() == clock
    inbox.pause(False)
    assert (inbox.now(), inbox.over(clock)) == (0, False)
    seconds[0] = 35
    assert inbox.over(clock)
