"""Settings of a team and of the server: members, invitations, projects, teams, users, the audit log."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from conformance.server import PROJECT, TEAM
from console.browser import Console, check_accessible, take_screenshots

PRESSED = """async input => {
    input.click();
    for (let turn = 0; turn < 20; turn++) await null;
    return input.checked;
}"""
"""Presses a checkbox, and looks at it before anything else can have happened."""


def said(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait for a notification, and close it, so that it covers nothing."""
    told = page.get_by_role("region", name="Notifications")
    expect(told.get_by_text(text)).to_be_visible()
    told.get_by_role("button", name="Dismiss").last.click()


def row(page: Page, name: str) -> Locator:
    """The row of a table that tells of something by its name."""
    return page.get_by_role("row").filter(has=page.get_by_text(name, exact=True))


def test_members_when_an_admin_manages_them_then_roles_links_and_removals_hold(
    page: Page, console: Console
) -> None:
    console.weft.cli("user", "create", "bob")
    page.goto(f"/settings/teams/{TEAM}/members")
    expect(row(page, "ada")).to_be_visible()
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("E-mail address or user name").fill("bob")
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(row(page, "bob")).to_be_visible()
    page.get_by_label("Role of bob").select_option("member")
    said(page, "bob is member now")
    page.get_by_label("Role of admin").select_option("viewer")
    said(page, re.compile("last admin"))
    expect(page.get_by_label("Role of admin")).to_have_value("admin")

    page.get_by_role("button", name="Invite").click()
    page.get_by_label("E-mail address or user name").fill("eve@example.com")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Invitation link")
    assert "/invite/" in link.input_value()
    check_accessible(page)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("eve@example.com", exact=True)).to_be_visible()
    take_screenshots(page, "settings-members")
    check_accessible(page)
    page.get_by_role("button", name="Withdraw the invitation for eve@example.com").click()
    said(page, "The invitation works no more")

    page.get_by_label("Search members").fill("bo")
    expect(row(page, "ada")).to_be_hidden()
    assert page.url.endswith("?q=bo")
    page.get_by_role("button", name="Remove bob").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    said(page, f"bob is no longer in {TEAM}")
    expect(page.get_by_text("Nobody has such a name")).to_be_visible()


def test_members_when_a_member_looks_then_reads_only(console: Console) -> None:
    with console.page(username="ada", phone=True) as page:
        page.goto(f"/settings/teams/{TEAM}/members")
        expect(row(page, "ada")).to_be_visible()
        expect(page.get_by_role("button", name="Invite")).to_be_hidden()
        expect(page.get_by_label("Role of ada")).to_be_hidden()
        expect(page.get_by_role("button", name=f"Leave {TEAM}")).to_be_visible()
        page.goto(f"/settings/teams/{TEAM}/audit")
        expect(page.get_by_role("alert")).to_contain_text("Only admins")
        page.goto("/settings/teams/nobodys/members")
        expect(page.get_by_role("alert")).to_contain_text("no such team")


def test_projects_when_made_set_up_and_removed_then_each_is_seen(page: Page) -> None:
    page.goto("/inference")
    page.get_by_role("button", name=re.compile("Team and project")).click()
    page.get_by_role("menuitem", name="New project…").click()
    page.wait_for_url("**/settings/teams/*/projects?new=true")
    page.goto(f"/settings/teams/{TEAM}/projects?new=true")
    page.get_by_label("Name").fill("a b")
    expect(page.get_by_text("Use letters")).to_be_visible()
    page.get_by_label("Name").fill(PROJECT)
    page.get_by_role("button", name="Make project").click()
    expect(page.get_by_text(f"{TEAM} has a project {PROJECT} already")).to_be_visible()
    page.get_by_label("Name").fill("silk")
    page.keyboard.press("Enter")
    said(page, "Made the project silk")
    page.get_by_role("button", name="Set up silk").click()
    page.get_by_label("What requests leave in traces").select_option("full")
    index = page.get_by_role("switch", name="Index the texts of calls")
    expect(index).to_be_enabled()
    assert index.evaluate(PRESSED), "the press alone does it"
    expect(index).to_be_enabled()
    expect(index).to_be_checked()
    expect(page.get_by_text("A call with prompt and answer.")).to_be_visible()
    check_accessible(page)
    take_screenshots(page, "settings-project")
    page.get_by_role("button", name="Remove project").click()
    button = page.get_by_role("button", name="Remove project")
    expect(button).to_be_disabled()
    page.get_by_label("Type silk to confirm").fill("silk")
    button.click()
    said(page, f"Removed {TEAM}/silk")
    expect(row(page, "silk")).to_be_hidden()
    take_screenshots(page, "settings-projects")


def test_users_when_an_admin_of_the_server_changes_them_then_it_holds(
    page: Page, console: Console
) -> None:
    page.goto("/settings/server/users")
    page.get_by_role("button", name="New user").click()
    page.get_by_label("User name").fill("cleo")
    page.get_by_label("E-mail address").fill("cleo@example.com")
    page.get_by_role("button", name="Make user").click()
    page.get_by_role("button", name="Make the link").click()
    assert "/reset/" in page.get_by_label("Password link").input_value()
    page.get_by_role("button", name="Done").click()
    expect(row(page, "cleo@example.com")).to_be_visible()
    page.get_by_role("button", name="What to do with cleo").click()
    page.get_by_role("menuitem", name="Shut out").click()
    page.get_by_role("button", name="Shut out").click()
    said(page, "Changed cleo")
    expect(row(page, "cleo@example.com").get_by_text("Shut out")).to_be_visible()
    page.get_by_role("button", name="What to do with admin").click()
    page.get_by_role("menuitem", name="Take the admin's rights").click()
    page.get_by_role("button", name="Take the rights").click()
    said(page, re.compile("last admin"))
    take_screenshots(page, "settings-users")
    check_accessible(page)
    with console.page(username="ada") as other:
        other.goto("/settings/server/users")
        expect(other.get_by_role("alert")).to_contain_text("Only admins of the server")


def test_teams_when_made_and_removed_then_asks_for_the_name(page: Page) -> None:
    page.goto("/settings/server/teams")
    page.get_by_role("button", name="New team").click()
    page.get_by_label("Name").fill("weavers")
    page.get_by_role("button", name="Make team").click()
    said(page, "Made the team weavers")
    expect(row(page, "weavers")).to_be_visible()
    take_screenshots(page, "settings-teams")
    check_accessible(page)
    page.get_by_role("button", name="Remove weavers").click()
    page.get_by_label("Type weavers to confirm").fill("weavers")
    page.get_by_role("button", name="Remove team").click()
    said(page, "Removed the team weavers")
    expect(row(page, "weavers")).to_be_hidden()


@pytest.mark.parametrize("place", [f"/settings/teams/{TEAM}/audit", "/settings/server/audit"])
def test_audit_log_when_filtered_then_the_address_holds_the_filters(
    page: Page, console: Console, place: str
) -> None:
    console.weft.cli("credit", "grant", TEAM, "2.50", "--note", "welcome")
    page.goto(place)
    expect(page.get_by_text("Gave credit to").first).to_be_visible()
    expect(page.get_by_text("$2.50").first).to_be_visible()
    take_screenshots(page, "settings-audit" if TEAM in place else "settings-audit-server")
    check_accessible(page)
    page.get_by_label("About").select_option("credit")
    expect(page).to_have_url(re.compile(r"action=credit"))
    page.get_by_label("Search by who").fill("nobody at all")
    expect(page.get_by_text("as far as these filters reach")).to_be_visible()
    page.reload()
    expect(page.get_by_label("About")).to_have_value("credit")
    expect(page.get_by_label("Search by who")).to_have_value("nobody at all")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_text("Gave credit to").first).to_be_visible()
    assert "?" not in page.url
