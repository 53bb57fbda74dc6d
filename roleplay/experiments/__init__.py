"""Batches: suites as data, games played and scored, statistics that keep their word, a report.

    suites, expressions   what is asked          batch, runner, endpoints   playing it, on the disk
    scorers, figures      what a game yields     statistics                 intervals, tests, power

Stands on `game` and `scoring`; knows no front end.
"""
