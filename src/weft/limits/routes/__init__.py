"""Routes under `/api`: limits, plans, the plans of teams, countries, and why a request was refused."""

from fastapi import APIRouter

from weft.kit.routes.handing import hand_on
from weft.limits.routes import country, overview, own, plans, rules
from weft.limits.routes.parts import Parts


def router(parts: Parts) -> APIRouter:
    """All routes of limits, each in the file of its subject."""
    routes = APIRouter()
    for subject in (own, overview, rules, plans, country):
        hand_on(subject.router(parts), routes)
    return routes
