"""Which user an account at a provider is: linked by issuer and subject, found by e-mail, or made.

Invariant: an account is one user's for good, until the link is ended; an e-mail address alone finds nobody unless a
setting says so, and then only one that the provider calls verified and that exactly one person here has.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from weft.identity.audit.store import record
from weft.identity.names import InvalidName, NameTaken, NoSuchThing
from weft.identity.oidc.claims import domain_of
from weft.identity.oidc.options import Newcomers, OidcOptions
from weft.identity.oidc.types import NoEntry, Person
from weft.identity.people import NewUser, create_user, user_of
from weft.identity.schema import OIDC_LINK, USER
from weft.identity.teams import get_team, set_member
from weft.identity.types import User, UserId, UserKind
from weft.kit.clock import to_us


def enter(
    connection: Connection, person: Person, options: OidcOptions, now: datetime
) -> tuple[User, bool]:
    """The user of an account, and whether it was made just now.

    Raises:
        NoEntry: there is none and none may be made, or it may not come in.
    """
    check_domain(person, options)
    user = _linked(connection, person)
    if user is None and options.link_by_email and person.email:
        user = _by_email(connection, person)
        if user is not None:
            _link(connection, person, user.id, now)
    made = user is None
    if user is None:
        if options.newcomers is None:
            raise NoEntry("oidc_unknown")
        user = _make(connection, person, options.newcomers, now)
    if user.disabled_at is not None:
        raise NoEntry("user_disabled")
    return user, made


def connect(
    connection: Connection, person: Person, options: OidcOptions, user_id: UserId, now: datetime
) -> None:
    """Make an account that of a user who is signed in.

    Raises:
        NoEntry: it is another user's, or may not come in.
    """
    check_domain(person, options)
    owner = _linked(connection, person)
    if owner is not None:
        if owner.id != user_id:
            raise NoEntry("oidc_linked")
        return
    _link(connection, person, user_id, now)


def disconnect(connection: Connection, user_id: UserId) -> None:
    """End every link of a user's."""
    connection.execute(delete(OIDC_LINK).where(OIDC_LINK.c.user_id == user_id))


def is_connected(connection: Connection, user_id: UserId, issuer: str) -> bool:
    """Whether the user has an account at this provider linked; a slash at the end of the issuer tells nothing."""
    mine = select(OIDC_LINK.c.subject).where(
        OIDC_LINK.c.user_id == user_id, OIDC_LINK.c.issuer.in_((issuer, f"{issuer}/"))
    )
    return connection.execute(mine.limit(1)).first() is not None


def check_domain(person: Person, options: OidcOptions) -> None:
    """Raise `NoEntry` if only some e-mail domains may come in, and this person's is none of them."""
    if options.email_domains and domain_of(person.email) not in options.email_domains:
        raise NoEntry("oidc_domain", "no verified e-mail address of an allowed domain")


def _linked(connection: Connection, person: Person) -> User | None:
    row = connection.execute(
        select(USER)
        .join(OIDC_LINK, OIDC_LINK.c.user_id == USER.c.id)
        .where(OIDC_LINK.c.issuer == person.issuer, OIDC_LINK.c.subject == person.subject)
    ).one_or_none()
    return user_of(row) if row else None


def _by_email(connection: Connection, person: Person) -> User | None:
    rows = connection.execute(
        select(USER)
        .where(
            func.lower(USER.c.email) == person.email.lower(),
            USER.c.kind == UserKind.PERSON.value,
        )
        .limit(2)
    ).all()
    return user_of(rows[0]) if len(rows) == 1 else None


def _link(connection: Connection, person: Person, user_id: UserId, now: datetime) -> None:
    connection.execute(
        insert(OIDC_LINK).values(
            issuer=person.issuer,
            subject=person.subject,
            user_id=user_id,
            created_at_us=to_us(now),
        )
    )


def _make(connection: Connection, person: Person, newcomers: Newcomers, now: datetime) -> User:
    try:
        user = create_user(connection, NewUser(person.username, email=person.email), now)
    except NameTaken as error:
        raise NoEntry("oidc_name_taken") from error
    except InvalidName as error:
        raise NoEntry("oidc_name") from error
    if newcomers.team:
        try:
            team = get_team(connection, newcomers.team)
            set_member(connection, team, user.id, role=newcomers.role, now=now)
        except (NoSuchThing, InvalidName) as error:
            raise NoEntry("oidc_team", f"there is no team {newcomers.team}") from error
    _link(connection, person, user.id, now)
    detail = {"way": "single sign-on", "team": newcomers.team}
    record(connection, by=user, action="user.create", subject=user.username, detail=detail, now=now)
    return user
