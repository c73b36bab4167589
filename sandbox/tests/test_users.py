from __future__ import annotations

from tests.conftest import STATUS_UPDATE, Sandbox


def test_a_new_user_can_be_read_by_id_and_by_username(sandbox: Sandbox) -> None:
    user_id = sandbox.send("POST", "/users", {"username": "gregg", "fullName": "Gregg M"})["userId"]
    assert len(user_id) == len(f"{int(user_id, 16):024x}") == 24
    expected = {"userId": user_id, "username": "gregg", "fullName": "Gregg M"}
    assert sandbox.get(f"/users/{user_id}") == expected
    assert sandbox.get("/users/gregg") == expected


def test_the_status_of_that_refusal_can_be_chosen_and_a_reset_forgets_it(
    sandbox: Sandbox, user_id: str
) -> None:
    sandbox.control("PUT", "preferences", {"usernameTaken": 400})
    response = sandbox.call("POST", "/users", {"username": "gregg"})
    assert (response.status_code, response.json()["message"]) == (400, "Username already exists")
    sandbox.control("POST", "reset")
    default = {"executeForm": "live", "modal": "closes", "usernameTaken": 422}
    assert sandbox.control("GET", "preferences") == default


def test_a_batch_answers_what_it_did_not_take_and_no_ids(sandbox: Sandbox, user_id: str) -> None:
    rejected = [{"fullName": "No name"}, {"username": "gregg"}, {"username": "a", "fullName": "2"}]
    answer = sandbox.send(
        "POST", "/users/batch", {"users": [{"username": "a"}, {"username": "b"}, *rejected]}
    )
    assert answer == {"message": "success", "invalidUsers": rejected}
    assert {user["username"] for user in sandbox.get("/users")["data"]} == {"gregg", "a", "b"}


def test_a_batch_holds_a_thousand_users_and_not_one_more(sandbox: Sandbox) -> None:
    users = [{"username": f"user{number}"} for number in range(1001)]
    assert sandbox.call("POST", "/users/batch", {"users": users}).status_code == 400
    assert sandbox.send("POST", "/users/batch", {"users": users[:1000]})["invalidUsers"] == []
    assert len(sandbox.get("/users")["data"]) == 1000


def test_the_list_can_be_narrowed_to_the_users_of_a_workflow(
    sandbox: Sandbox, installed_user: str
) -> None:
    sandbox.new_user("other")
    found = sandbox.get("/users", parentWorkflowId=STATUS_UPDATE)["data"]
    assert [user["userId"] for user in found] == [installed_user]


def test_an_update_changes_what_is_given_and_keeps_the_rest(sandbox: Sandbox, user_id: str) -> None:
    changed = sandbox.send("PUT", f"/users/{user_id}", {"fullName": "New Name"})
    assert changed == {"userId": user_id, "username": "gregg", "fullName": "New Name"}


def test_a_deleted_user_is_gone_with_installations_but_the_logs_stay(
    sandbox: Sandbox, installed_user: str
) -> None:
    sandbox.run(installed_user, "100", "FULFILLED")
    assert sandbox.send("DELETE", f"/users/{installed_user}") == {"success": True}
    assert sandbox.call("GET", f"/users/{installed_user}").status_code == 404
    assert sandbox.call("GET", f"/workflows/{STATUS_UPDATE}/users").status_code == 404
    assert len(sandbox.get(f"/workflows/{STATUS_UPDATE}/logs")["data"]) == 1
    assert sandbox.get("/logs")["notifications"][0]["user"] is None
