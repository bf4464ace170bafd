"""The runner of workflows does what GitHub does: what it skips, grants, hides and refuses."""

import textwrap

import pytest

from support.workflows.github import GitHub
from support.workflows.identity import listed
from support.workflows.repository import Protected
from support.workflows.results import Role, Run

pytestmark = pytest.mark.servers

NAME = "acme/models"
ROLE = "arn:aws:iam::123456789012:role/plan"


@pytest.fixture
def played(github: GitHub):
    """Plays one workflow, and other files beside it, on a push to the default branch."""

    def play(workflow: str, event: str = "push", by_hand: dict | None = None, **files: str) -> Run:
        seed(github, workflow, **files)
        if event == "push":
            [run] = github._pushed(github.repositories[NAME], "", github.repositories[NAME].tip(), "alice")
            return run
        return github.dispatch(NAME, "main.yml", "alice", **(by_hand or {}))

    return play


def seed(github: GitHub, workflow: str, **files: str) -> None:
    """The repository, with its workflow and with files whose names have `__` for slashes."""
    repository = github.repositories.get(NAME) or github.create(NAME)
    person = github.person("alice", NAME)
    person.git("checkout", "--quiet", "-B", "main")
    person.write(".github/workflows/main.yml", textwrap.dedent(workflow))
    for path, text in files.items():
        person.write(path.replace("__", "/"), textwrap.dedent(text))
    person.commit("first")
    assert repository.tip()


CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd"


def test_steps_run_in_order_and_hear_of_one_another(played, github):
    run = played("""
        on: push
        permissions: {contents: read}
        env: {WHO: workflow, LEVEL: "1"}
        defaults: {run: {shell: bash}}
        jobs:
          one:
            runs-on: ubuntu-24.04
            env: {LEVEL: "2"}
            outputs: {said: "${{ steps.say.outputs.word }}", lines: "${{ steps.say.outputs.lines }}"}
            steps:
              - id: say
                env: {LEVEL: "3"}
                run: |
                  echo "$WHO $LEVEL $GITHUB_EVENT_NAME $CI ${TF_VAR_x:-unset}"
                  echo "word=hello" >> "$GITHUB_OUTPUT"
                  printf 'lines<<END\\na\\nb=c\\nEND\\n' >> "$GITHUB_OUTPUT"
                  echo "LATER=$LEVEL" >> "$GITHUB_ENV"
                  mkdir bin && printf '#!/bin/sh\\necho own tool\\n' > bin/tool && chmod +x bin/tool
                  echo "$PWD/bin" >> "$GITHUB_PATH"
                  echo "# Summary" >> "$GITHUB_STEP_SUMMARY"
              - run: echo "$LATER $LEVEL ${{ env.LATER }}" && tool
              - run: pwd && false | true
                working-directory: bin
              - run: echo never
              - if: failure() && steps.say.outputs.word == 'hello'
                run: echo cleaning
          two:
            needs: one
            if: ${{ !cancelled() }}
            runs-on: ubuntu-24.04
            steps:
              - run: echo "${{ needs.one.result }} ${{ needs.one.outputs.said }} ${{ toJSON(needs.one.outputs.lines) }}"
          three:
            needs: two
            runs-on: ubuntu-24.04
            steps: [{run: "true"}]
    """)
    one = run.job("one")
    assert [step.conclusion for step in one.steps] == ["success", "success", "failure", "skipped", "success"]
    assert one.steps[0].output == "workflow 3 push true unset\n"
    assert one.steps[1].output == "3 2 3\nown tool\n"
    assert one.summary == "# Summary\n"
    assert run.job("two").output == "failure hello anb=c\n"
    assert run.ends == {"one": "failure", "two": "success", "three": "skipped"}
    assert run.conclusion == "failure"


def test_a_failure_that_may_be_is_told_and_stops_nothing(played):
    run = played("""
        on: push
        jobs:
          one:
            runs-on: ubuntu-24.04
            steps:
              - {id: may, run: exit 3, continue-on-error: true}
              - run: echo "${{ steps.may.outcome }} ${{ steps.may.conclusion }}"
    """)
    assert run.job("one").output == "failure success\n"
    assert run.conclusion == "success"


def test_a_plain_script_stops_at_its_first_failure_and_lets_pipes_be(played):
    run = played("""
        on: push
        jobs:
          one:
            runs-on: ubuntu-24.04
            steps:
              - run: "false | true; echo through the pipe; false; echo never"
    """)
    assert run.job("one").output == "through the pipe\n"


def test_a_matrix_is_laid_out_from_what_a_job_found_and_a_failure_ends_the_others(played):
    run = played("""
        on: push
        jobs:
          find:
            runs-on: ubuntu-24.04
            outputs: {list: "${{ steps.list.outputs.list }}"}
            steps:
              - id: list
                run: >-
                  echo 'list=[{"name":"a","bad":false},{"name":"b","bad":true},{"name":"c","bad":false}]'
                  >> "$GITHUB_OUTPUT"
          each:
            needs: find
            strategy:
              fail-fast: true
              matrix: {one: "${{ fromJSON(needs.find.outputs.list) }}"}
            runs-on: ubuntu-24.04
            steps:
              - {run: 'echo "$NAME" && ! "$BAD"', env: {NAME: "${{ matrix.one.name }}", BAD: "${{ matrix.one.bad }}"}}
          after:
            needs: each
            if: always()
            runs-on: ubuntu-24.04
            steps: [{run: "echo ${{ needs.each.result }}"}]
    """)
    assert run.ends == {
        "find": "success",
        "each (a, false)": "success",
        "each (b, true)": "failure",
        "each (c, false)": "cancelled",
        "after": "success",
    }
    assert run.job("after").output == "failure\n"


def test_an_empty_matrix_is_refused(played):
    run = played("""
        on: push
        jobs:
          each:
            strategy: {matrix: {one: "${{ fromJSON('[]') }}"}}
            runs-on: ubuntu-24.04
            steps: [{run: "true"}]
    """)
    assert "the matrix is empty" in run.refused


CALLED = """
    on:
      workflow_call:
        inputs:
          what: {type: string, required: true}
          loud: {type: boolean, default: true}
        secrets: {KEY: {required: false}, OTHER: {required: false}}
        outputs: {said: {value: "${{ jobs.speak.outputs.said }}"}}
    permissions: {}
    jobs:
      speak:
        runs-on: ubuntu-24.04
        environment: prod
        permissions: {contents: read}
        outputs: {said: "${{ steps.say.outputs.said }}"}
        steps:
          - id: say
            run: echo "said=$WHAT ${{ inputs.loud && 'loudly' || 'softly' }} $KEY/$OTHER" >> "$GITHUB_OUTPUT"
            env: {WHAT: "${{ inputs.what }}", KEY: "${{ secrets.KEY }}", OTHER: "${{ secrets.OTHER }}"}
"""
CALLING = """
    on: push
    permissions: {}
    jobs:
      call:
        strategy: {matrix: {what: [a, b]}}
        uses: ./.github/workflows/called.yml
        permissions: {contents: %s}
        with: {what: "${{ matrix.what }}"}
        secrets: %s
      after:
        needs: call
        runs-on: ubuntu-24.04
        steps: [{run: "echo ${{ needs.call.outputs.said }}"}]
"""


@pytest.mark.parametrize(
    ("secrets", "seen"),
    [
        ("inherit", "of prod/of the repository"),
        ("{KEY: '${{ secrets.KEY }}'}", "of prod/"),
        ("{OTHER: '${{ secrets.OTHER }}'}", "/of the repository"),
        ("{}", "/"),
    ],
)
def test_a_called_workflow_sees_an_environments_secrets_only_under_the_names_that_its_caller_passes(
    played, github, secrets, seen
):
    repository = github.create(NAME)
    repository.secrets = {"OTHER": "of the repository"}
    repository.environments["prod"] = Protected({"KEY": "of prod"})
    run = played(CALLING % ("read", secrets), **{".github__workflows__called.yml": CALLED})
    assert run.ends == {"call (a) / speak": "success", "call (b) / speak": "success", "after": "success"}
    assert run.job("call (b) / speak").permissions == {"contents": "read"}
    assert run.job("after").output == f"b loudly {seen}\n"
    assert "of prod" not in github.log.text


def test_a_called_job_that_asks_for_more_than_its_caller_has_is_refused(played, github):
    run = played(CALLING % ("none", "{}"), **{".github__workflows__called.yml": CALLED})
    assert run.refused == "a called job asks for contents: read, its caller has contents: none"


def test_an_action_of_the_repositorys_own_is_gone_into_and_sees_no_secrets(played, github):
    repository = github.create(NAME)
    repository.secrets = {"KEY": "hidden"}
    action = """
        inputs: {greeting: {default: hello}, name: {required: true}}
        outputs: {said: {value: "${{ steps.say.outputs.said }}"}}
        runs:
          using: composite
          steps:
            - id: say
              shell: bash
              run: echo "said=${{ inputs.greeting }} $NAME" >> "$GITHUB_OUTPUT" && cat "$GITHUB_ACTION_PATH/note"
              env: {NAME: "${{ inputs.name }}"}
            - if: inputs.greeting != 'hello'
              shell: bash
              run: exit 1
    """
    files = {".github__actions__greet__action.yml": action, ".github__actions__greet__note": "a note\n"}
    run = played(
        f"""
        on: push
        jobs:
          one:
            runs-on: ubuntu-24.04
            permissions: {{contents: read}}
            steps:
              - uses: {CHECKOUT}
              - id: greet
                uses: ./.github/actions/greet
                with: {{name: "${{{{ github.actor }}}}"}}
              - run: echo "${{{{ steps.greet.outputs.said }}}}"
        """,
        **files,
    )
    assert run.job("one").output.endswith("a note\nhello alice\n")
    files[".github__actions__greet__action.yml"] = action.replace("inputs.name", "secrets.KEY")
    again = played(
        f"""
        on: push
        jobs:
          one:
            runs-on: ubuntu-24.04
            permissions: {{contents: read}}
            steps: [{{uses: "{CHECKOUT}"}}, {{uses: ./.github/actions/greet, with: {{name: x}}}}]
        """,
        **files,
    )
    assert "`secrets` cannot be spoken of here" in again.refused


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("[{uses: 'someone/thing@v1'}]", "the action someone/thing is not played here"),
        (f"[{{uses: '{CHECKOUT}', with: {{lfs: true}}}}]", "actions/checkout has no input lfs here"),
        ("[{run: 'true', retries: 3}]", "retries is not known here"),
        ("[{run: 'true', shell: pwsh}]", "the shell 'pwsh' is not played here"),
        ("[{run: 'echo ${{ secrets.A }} ${{ nothing.b }}'}]", "`nothing` cannot be spoken of here"),
        ("[{run: 'true', if: \"secrets.A != ''\"}]", "`secrets` cannot be spoken of here"),
    ],
)
def test_what_is_not_played_is_an_error_and_never_left_out(github, steps, reason):
    from support.workflows.values import Wrong

    seed(github, f"on: push\njobs: {{one: {{runs-on: ubuntu-24.04, steps: {steps}}}}}\n")
    try:
        [run] = github._pushed(github.repositories[NAME], "", github.repositories[NAME].tip(), "alice")
        told = run.refused
    except Wrong as wrong:
        told = str(wrong)
    assert reason in told


def test_a_job_without_permissions_gets_none_and_cannot_even_check_out(played):
    run = played(f"on: push\njobs: {{one: {{runs-on: ubuntu-24.04, steps: [{{uses: '{CHECKOUT}'}}]}}}}\n")
    assert run.job("one").permissions == {}
    assert "git fetch failed" in run.job("one").output


def test_an_environments_secrets_are_seen_only_there_and_only_its_branches_get_in(played, github):
    repository = github.create(NAME)
    repository.environments = {"prod": Protected({"KEY": "k3y"}), "other": Protected(branches=("release",))}
    run = played("""
        on: push
        jobs:
          inside: {runs-on: ubuntu-24.04, environment: prod, steps: [{run: 'echo "${{ secrets.KEY }}" | rev'}]}
          outside: {runs-on: ubuntu-24.04, steps: [{run: 'echo "${{ secrets.KEY }}" | rev'}]}
          kept: {runs-on: ubuntu-24.04, environment: other, steps: [{run: "true"}]}
          unknown: {runs-on: ubuntu-24.04, environment: nowhere, steps: [{run: "true"}]}
    """)
    assert (run.job("inside").output, run.job("inside").secrets) == ("y3k\n", ("KEY",))
    assert (run.job("outside").output, run.job("outside").secrets) == ("\n", ())
    assert "not allowed to deploy to other" in run.job("kept").why
    assert "is not there" in run.job("unknown").why
    assert "k3y" not in github.log.text


def test_a_reviewer_lets_a_job_in_or_does_not(played, github):
    repository = github.create(NAME)
    repository.environments["prod"] = Protected(reviewers=("carol",))
    workflow = "on: push\njobs: {one: {runs-on: ubuntu-24.04, environment: prod, steps: [{run: echo in}]}}\n"
    assert played(workflow).job("one").output == "in\n"
    github.approves = lambda environment, job: ""
    again = played(workflow + "\n# again\n")
    assert (again.conclusion, again.job("one").output) == ("failure", "")
    assert "approved by carol" in github.log.text
    assert "rejected" in github.log.text


AWS = """
    on: push
    jobs:
      one:
        runs-on: ubuntu-24.04
        %s
        permissions: {id-token: %s}
        steps:
          - uses: aws-actions/configure-aws-credentials@8df5847569e6427dd6c4fb1cf565c83acfa8afa7
            with: {role-to-assume: "arn:aws:iam::123456789012:role/plan", aws-region: eu-west-1}
          - run: echo "$AWS_REGION ${AWS_SESSION_TOKEN:+has a token}"
"""


@pytest.mark.parametrize(
    ("environment", "identity", "told"),
    [
        ("environment: prod-plan", "write", "eu-west-1 has a token\n"),
        ("environment: prod-plan", "none", "the job may not ask for an identity (id-token: write)\n"),
        ("environment: prod", "write", "repo:acme/models:environment:prod is not trusted by"),
        ("", "write", "repo:acme/models:ref:refs/heads/main is not trusted by"),
    ],
)
def test_a_role_is_given_to_whom_it_trusts_and_only_to_a_job_that_may_say_who_it_is(
    played, github, environment, identity, told
):
    github.create(NAME).environments = {"prod": Protected(), "prod-plan": Protected()}
    github.door = listed({ROLE: frozenset({"repo:acme/models:environment:prod-plan"})})
    job = played(AWS % (environment, identity)).job("one")
    assert told in job.output
    subject = "repo:acme/models:environment:prod-plan"
    assert job.roles == ([Role(ROLE, subject, "eu-west-1")] if "token\n" in told else [])


def test_artifacts_go_from_job_to_job(played):
    run = played("""
        on: push
        jobs:
          one:
            runs-on: ubuntu-24.04
            steps:
              - run: mkdir out && echo text > out/a.md && echo more > b.md
              - uses: actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f
                with: {name: both, path: "out/a.md\\nb.md\\n"}
              - uses: actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f
                with: {name: one, path: out/a.md}
              - uses: actions/upload-artifact@b7c566a772e6b6bfb58ed0dc250532a479d7789f
                with: {name: none, path: nothing.md}
          two:
            needs: one
            runs-on: ubuntu-24.04
            steps:
              - uses: actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131
                with: {name: both, path: there}
              - uses: actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131
                with: {name: one}
              - run: find . -type f | sort
              - uses: actions/download-artifact@37930b1c2abaa49bbe596cd826c3c89aef350131
                with: {name: none}
    """)
    assert run.job("two").steps[2].output == "./a.md\n./there/b.md\n./there/out/a.md\n"
    assert run.job("two").steps[3].conclusion == "failure"


def test_what_is_given_by_hand_has_its_type_and_its_default(played):
    workflow = """
        on:
          workflow_dispatch:
            inputs:
              name: {type: string, required: true}
              dry: {type: boolean, default: false}
              what: {type: choice, options: [up, down], default: up}
        jobs:
          one:
            runs-on: ubuntu-24.04
            steps:
              - run: echo "${{ inputs.name }} ${{ inputs.dry && 'dry' || 'real' }} $BOTH"
                env: {BOTH: "${{ github.event.inputs.what }}${{ inputs.what }}"}
    """
    assert played(workflow, "hand", {"name": "x"}).job("one").output == "x real up\n"
    assert "needs the input name" in played(workflow + "\n", "hand").refused
    assert "is none of" in played(workflow + "\n\n", "hand", {"name": "x", "what": "sideways"}).refused


def test_a_push_by_a_jobs_token_needs_the_permission_and_starts_nothing(played, github):
    workflow = f"""
        on: push
        jobs:
          one:
            runs-on: ubuntu-24.04
            permissions: {{contents: %s}}
            steps:
              - uses: {CHECKOUT}
              - run: |
                  git config user.name bot && git config user.email bot@example.invalid
                  echo edited > edited && git add edited && git commit --quiet -m edit
                  git push --quiet origin "HEAD:$GITHUB_REF"
    """
    refused = played(workflow % "read")
    assert refused.conclusion == "failure"
    assert "403" in refused.job("one").output
    done = played(workflow % "write")
    assert done.conclusion == "success"
    assert github.repositories[NAME].message("main") == "edit\n\n"
    assert len(github.runs) == 2


PULLS = f"""
    on:
      pull_request: {{branches: [main]}}
      pull_request_target: {{types: [opened, synchronize]}}
      push: {{branches: [main]}}
    jobs:
      one:
        runs-on: ubuntu-24.04
        permissions: {{contents: read, id-token: write, pull-requests: write}}
        steps:
          - uses: {CHECKOUT}
          - uses: {CHECKOUT}
            if: github.event.pull_request
            with: {{ref: "${{{{ github.event.pull_request.head.sha }}}}", path: change, persist-credentials: false}}
          - run: cat note; cat change/note; echo "${{{{ secrets.KEY }}}}" | rev; git log --format=%s -1
"""


@pytest.mark.parametrize("fork", [False, True], ids=["of-the-repository", "of-a-fork"])
def test_a_forks_pull_request_runs_its_own_workflow_without_secrets_and_the_targets_with_them(github, fork):
    seed(github, PULLS, note="ours\n")
    github.repositories[NAME].secrets = {"KEY": "k3y"}
    where = github.fork(NAME, "mallory").name if fork else NAME
    mallory = github.person("mallory", where)
    mallory.start("change")
    mallory.write("note", "theirs\n")
    mallory.write(
        ".github/workflows/main.yml", textwrap.dedent(PULLS).replace("cat note;", "echo my workflow; cat note;")
    )
    mallory.commit("theirs")
    pull, (target, own) = github.open(mallory, "a change", NAME)
    assert (target.event, own.event) == ("pull_request_target", "pull_request")
    assert target.job("one").steps[2].output == "ours\ntheirs\ny3k\nfirst\n"
    assert target.job("one").permissions == {"contents": "read", "id-token": "write", "pull-requests": "write"}
    secret = "" if fork else "y3k"
    assert own.job("one").steps[2].output == f"my workflow\ntheirs\ntheirs\n{secret}\nMerge for a test\n"
    rights = {"contents": "read", "pull-requests": "read"} if fork else target.job("one").permissions
    assert own.job("one").permissions == rights
    [merged] = github.merge(pull, "carol")
    assert merged.event == "push"
    assert merged.job("one").output.startswith("acme/models at")


def test_a_commit_that_says_so_skips_the_runs_of_its_push(github):
    seed(github, "on: push\njobs: {one: {runs-on: ubuntu-24.04, steps: [{run: 'true'}]}}\n")
    alice = github.person("alice", NAME)
    alice.start("main")
    old = github.repositories[NAME].tip()
    alice.write("x", "y")
    alice.commit("quick [skip ci]")
    assert github.push(alice, old) == []


def test_the_log_tells_jobs_steps_conditions_and_what_was_skipped(played, github):
    github.create(NAME).environments["prod"] = Protected()
    played("""
        on: push
        jobs:
          one:
            runs-on: ubuntu-24.04
            environment: prod
            permissions: {contents: read}
            steps:
              - name: Greet
                run: echo "::add-mask::pass-w0rd" && echo "hello pass-w0rd"
              - {name: Mend, if: failure(), run: "true"}
          two:
            needs: one
            if: github.event_name == 'schedule'
            runs-on: ubuntu-24.04
            steps: [{run: "true"}]
    """)
    told = github.log.text
    for line in (
        "▶ main.yml on push, run 1, commit",
        "┌─ one",
        "│  permissions  contents: read",
        "│  environment  prod",
        "│  ▸ Greet",
        '$ echo "::add-mask::',
        "hello ***",
        "- Mend  [skipped: if failure()]",
        "└─ ✓ success",
        "── two: skipped, if github.event_name == 'schedule'",
    ):
        assert line in told, told
