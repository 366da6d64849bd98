"""What looks personal is on the report, and held against what a requirement lists."""

import pytest
from django.urls import reverse

from core.access import Actor
from projects.models import Evidence, Requirement
from projects.selectors.compliance import personal_found
from projects.services import save_requirement

CONTACTS = b"contact,sex,charge\n" + b"".join(
    b"p%d@example.org,f,%d\n" % (n, n) for n in range(5)
)


def require(project, owner, **details):
    row = Requirement(project=project, kind="compliance")
    said = {"title": "Keeps personal data apart", "test": "attested"}
    save_requirement(row, actor=Actor(user=owner), said={**said, "details": details})
    return row


@pytest.fixture
def contacts(data_set, deliver):
    return deliver(data_set, CONTACTS)


def test_the_report_names_what_looks_personal_and_shows_no_value_of_it(
    contacts, owner, outsider, signed_in
):
    url = contacts.get_absolute_url()
    page = signed_in(owner).get(url).content.decode()
    block = page[page.index('id="personal"') :].split("</section>")[0]
    assert "2 columns look personal" in block
    assert "100 of 100 match, of all 5 different values" in block
    assert "perhaps" in block
    assert "p0@" not in block
    content = signed_in(owner).get("/api/v1/profiles/").json()["results"][0]["content"]
    assert [each["kind"] for each in content["personal"]] == ["email", "gender"]
    assert signed_in(outsider).get(url).status_code == 404


def test_a_profile_of_before_says_that_nobody_looked(contacts, owner, signed_in):
    profile = contacts.profile
    del profile.content["personal"]
    profile.save()
    page = signed_in(owner).get(contacts.get_absolute_url()).content.decode()
    assert "before personal data was looked for" in page


def test_a_requirement_is_held_against_what_was_found(
    contacts, project, owner, outsider, signed_in, data_set, deliver
):
    wish = require(project, owner, pii_columns=["SEX"], retention_days=30)
    page = signed_in(owner).get(wish.get_absolute_url()).content.decode()
    assert "One column looks personal and is not listed above." in page
    assert f"{contacts.get_absolute_url()}#personal" in page
    assert "e-mail address, 100 of 100 match" in page
    assert "p0@" not in page
    assert signed_in(outsider).get(wish.get_absolute_url()).status_code == 404

    denied = require(
        project, owner, template="gdpr", answers={"personal_data": {"answer": "no"}}
    )
    page = signed_in(owner).get(denied.get_absolute_url()).content.decode()
    assert "The answers say that no personal data is used" in page

    # A newer version without the addresses takes the place of the older one.
    deliver(data_set, b"charge\n1\n2\n")
    project.refresh_from_db()
    found = personal_found(project, {})
    assert (found.columns, len(found.data)) == ((), 1)
    assert Evidence.objects.filter(metric_key="personal_columns").count() == 2


def test_a_project_without_data_says_so(project, owner, signed_in):
    wish = require(project, owner, retention_days=30)
    page = signed_in(owner).get(wish.get_absolute_url()).content.decode()
    assert "No profile has looked for them yet." in page
    assert reverse("projects:requirements", args=[project.slug]) in page
