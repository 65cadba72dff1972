import pytest

from weft.identity.login.back import own_path
from weft.identity.login.problems import PROBLEMS, login_page
from weft.identity.oidc.flow import FLOW_TTL_S, begin, seal, unseal
from weft.identity.oidc.options import OidcOptions
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings

ISSUER = "https://id.example.com"


def test_options_when_there_is_no_issuer_then_there_is_no_single_sign_on() -> None:
    assert OidcOptions.of(Settings()) is None
    found = OidcOptions.of(Settings(oidc_issuer=ISSUER + "/", oidc_client_id="weft"))
    assert found is not None
    assert found.issuer == ISSUER
    assert found.newcomers is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc_issuer": ISSUER}, "oidc_client_id is not"),
        ({"oidc_issuer": "http://id.example.com", "oidc_client_id": "weft"}, "https://"),
    ],
)
def test_options_when_they_cannot_work_then_the_start_says_why(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(CannotStart, match=said):
        OidcOptions.of(Settings.model_validate(given))


def test_options_when_shown_then_hide_the_secret() -> None:
    settings = Settings.model_validate(
        {"oidc_issuer": ISSUER, "oidc_client_id": "weft", "oidc_client_secret": "hush"}
    )
    assert "hush" not in repr(OidcOptions.of(settings))


@pytest.mark.parametrize(
    "path", ["/", "/settings", "/a/b?x=1&y=%2F%2Fevil#part", "/inference?q=a'b", "/r/call/1:2"]
)
def test_back_when_it_is_a_path_of_ours_then_stays(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("", None, "settings", "//evil.example", "/\\evil.example", "\\\\evil.example"),
        *("https://evil.example", "javascript:alert(1)", "/\t/evil.example", "/a\nb", " /a"),
        *("/ä", "/a b", "/" + "a" * 2048, "/a\\..\\b", "/\x00"),
    ],
)
def test_back_when_it_may_lead_elsewhere_then_is_home(path: str | None) -> None:
    assert own_path(path) == "/"


def test_flow_when_sealed_then_only_the_same_server_opens_it_in_time() -> None:
    flow = begin("/settings", "https://weft/oidc/callback", 1000)
    sealed = seal(flow, b"one")
    assert unseal(sealed, b"one", 1000 + FLOW_TTL_S) == flow
    assert unseal(sealed, b"one", 1001 + FLOW_TTL_S) is None
    assert unseal(sealed, b"one", 999) is None
    assert unseal(sealed, b"two", 1000) is None
    body, mark = sealed.split(".")
    for made_up in (None, "", "x", f"{body}A.{mark}", f"{body}.{mark[:-1]}", "ä.b", "a" * 5000):
        assert unseal(made_up, b"one", 1000) is None


def test_problems_when_shown_then_each_says_what_to_do() -> None:
    for code, problem in PROBLEMS.items():
        assert problem.title[0].isupper()
        assert problem.remedy.endswith(".")
        assert login_page(code, "/a?b=c").startswith(f"/login?problem={code}&next=%2Fa%3Fb%3Dc")
