"""The nouns of single sign-on."""

from dataclasses import dataclass


class NoEntry(Exception):
    """Somebody cannot come in this way; `problem` is the code of what the login page says about it."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}" if detail else problem)
        self.problem = problem
        self.detail = detail
        """For the log; tells no secret."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider answers, as its discovery document says (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization: str
    token: str
    jwks: str
    userinfo: str | None
    auth_methods: frozenset[str]
    """How clients may prove themselves at the token endpoint."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in at the provider: proven by issuer and subject, everything else only told."""

    issuer: str
    subject: str
    username: str
    """As the claim has it, maybe empty, maybe no name that can be used."""
    email: str
    """Empty unless the provider calls it verified."""
