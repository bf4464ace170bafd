"""What the environment says of a run: who, why, and where it can be looked at."""

import pytest

from reconciler.settings import Settings

GITHUB = {
    "GITHUB_ACTOR": "ann",
    "GITHUB_EVENT_NAME": "schedule",
    "GITHUB_SERVER_URL": "https://github.test",
    "GITHUB_REPOSITORY": "acme/models",
    "GITHUB_RUN_ID": "7",
    "USER": "runner",
}
GITLAB = {"GITLAB_USER_LOGIN": "bob", "CI_PIPELINE_SOURCE": "push", "CI_JOB_URL": "https://gitlab.test/8"}


@pytest.mark.parametrize(
    ("variables", "actor", "trigger", "url"),
    [
        (GITHUB, "ann", "schedule", "https://github.test/acme/models/actions/runs/7"),
        ({**GITHUB, "RECONCILE_TRIGGER": "repair"}, "ann", "repair", "https://github.test/acme/models/actions/runs/7"),
        (GITLAB, "bob", "push", "https://gitlab.test/8"),
        ({"USER": "cid"}, "cid", "by hand", ""),
        ({"USER": "", "LOGNAME": "cid"}, "cid", "by hand", ""),
        ({}, "", "by hand", ""),
    ],
)
def test_a_run_says_who_began_it_and_why(variables, actor, trigger, url):
    settings = Settings(variables)
    assert (settings.actor, settings.trigger, settings.run_url) == (actor, trigger, url)
