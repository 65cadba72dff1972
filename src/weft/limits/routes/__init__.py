"""`/api/limits`, `/api/plans`, `/api/teams/{team}/plan` and `/api/why`: where one stands, what holds, and why."""

from fastapi import APIRouter

from weft.limits.routes import own, plans, rules
from weft.limits.routes.parts import Parts


def router(parts: Parts) -> APIRouter:
    """All routes of limits, each in the file of its subject."""
    routes = APIRouter()
    for subject in (own, rules, plans):
        routes.include_router(subject.router(parts))
    return routes
