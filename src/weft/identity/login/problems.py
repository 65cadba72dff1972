"""Why a way in led nowhere, for the login page: a browser is sent there with a code, and the page shows these words.

Invariant: what the page shows is looked up here by its code; no text from a URL is repeated.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from weft.identity.login.back import HOME


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, and what to do about it."""

    title: str
    remedy: str


_AGAIN = "Choose the button below to start again."
_ADMIN = "Ask an administrator of this server"

PROBLEMS = {
    "link_expired": Problem(
        "This login link was used already, or is too old",
        "Each link works once. `weft user login-link NAME` on the server's machine makes another.",
    ),
    "oidc_off": Problem(
        "Single sign-on is not set up here", "Sign in with your user name and password."
    ),
    "oidc_start_again": Problem(
        "This sign-in was not started in this browser, or took longer than ten minutes",
        f"{_AGAIN} Cookies have to be allowed, and the address has to be the one that you started from.",
    ),
    "oidc_denied": Problem("The sign-in was cancelled at the provider", _AGAIN),
    "oidc_refused": Problem(
        "The provider refused the sign-in",
        f"{_AGAIN} {_ADMIN} to look into its log if it stays: client id, secret or redirect URL may not be in order.",
    ),
    "oidc_away": Problem(
        "The provider cannot be reached",
        "Try again in a moment. Your password works meanwhile, if you have one here.",
    ),
    "oidc_token": Problem(
        "The provider's answer could not be trusted",
        f"{_AGAIN} {_ADMIN} to look into its log if it stays: issuer, client id or keys do not fit.",
    ),
    "oidc_expired": Problem(
        "The provider's answer came too late",
        f"{_AGAIN} If it stays, the clocks of this server and of the provider differ.",
    ),
    "oidc_domain": Problem(
        "Your e-mail address may not come in here",
        "Use an account with a verified address of your organisation.",
    ),
    "oidc_unknown": Problem(
        "Nobody here has this account yet",
        f"{_ADMIN} for an invitation; then connect the account in Settings > Profile.",
    ),
    "oidc_name": Problem(
        "Your account's user name cannot be used here",
        f"{_ADMIN} for an invitation, choose a name with it, and connect the account in Settings > Profile.",
    ),
    "oidc_name_taken": Problem(
        "Another user here has your account's user name already",
        "If that is you, sign in with your password and connect the account in Settings > Profile."
        f" Otherwise, {_ADMIN[:1].lower()}{_ADMIN[1:]} for an invitation.",
    ),
    "oidc_team": Problem(
        "The team that new users are put into does not exist",
        f"{_ADMIN} to mend the setting oidc_team.",
    ),
    "oidc_linked": Problem(
        "This account is connected to another user here",
        "Sign in with another account at the provider, or end that connection first.",
    ),
    "user_disabled": Problem("This user is shut out", f"{_ADMIN} to let you in again."),
}


def login_page(problem: str, back: str = HOME) -> str:
    """The path of the login page that tells about `problem`, and goes on to `back`."""
    assert problem in PROBLEMS
    wanted = {"problem": problem} if back == HOME else {"problem": problem, "next": back}
    return f"/login?{urlencode(wanted)}"
