"""The way in."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import follow, fresh_link


def test_one_time_link_signs_the_owner_in(page: Page, portal):
    follow(page, fresh_link(portal))
    page.goto("/")
    expect(page).to_have_url(f"{portal.url}/")


def test_one_time_link_works_once(page: Page, portal, new_signed_in_context, silence):
    link = fresh_link(portal)
    follow(page, link)
    stranger = new_signed_in_context(storage_state=None).new_page()
    answer = stranger.goto(link)
    assert answer is not None
    assert answer.status == 404
    silence.forgive("404")
    stranger.goto("/")
    expect(stranger).to_have_url(f"{portal.url}/login/?next=/")


def test_stranger_is_asked_to_sign_in(page: Page, portal):
    page.goto("/")
    expect(page).to_have_url(f"{portal.url}/login/?next=/")


def test_home_passes_axe_in_light_and_dark_at_desk_and_phone(axe):
    assert axe("/") == []
