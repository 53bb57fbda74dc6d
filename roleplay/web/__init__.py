"""The page: FastAPI, templates and server-sent events around hosted games.

What a seat's page, stream or export shows is made of its view alone, by `pages` and `feed`; who may ask for it is
decided in `access`, before any route runs. Knows nothing about the journal or the world.
"""
