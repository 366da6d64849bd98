"""What is not there is told as the caller reads it."""


def test_nothing_below_the_api_is_a_problem_to_programs(client):
    answer = client.get("/api/v1/runs/1/2/3/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_nothing_elsewhere_is_a_page_to_people(client, db):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
