"""Why Terraform failed, as an error with a remedy."""

import pytest

from reconciler.adapters.terraform.events import Diagnostic
from reconciler.adapters.terraform.failures import Attempt, failure
from reconciler.adapters.terraform.locks import UNRELEASED, Kept, kept_lock
from reconciler.adapters.terraform.streaming import Ending
from reconciler.core.reasons import Blame
from reconciler.errors import AlreadyThere, Busy, Interrupted, TerraformFailed
from support.wordings import SAID, Said

ATTEMPT = Attempt("apply", "stack training of churn", "s3://states/key")


def errors(*summaries: str) -> list[Diagnostic]:
    return [Diagnostic("error", summary) for summary in summaries]


@pytest.mark.parametrize(
    ("ending", "found", "told"),
    [
        (Ending(1, ""), errors("a"), "failed: a"),
        (Ending(1, "noise"), errors("a", "b"), "failed: a\n  b"),
        (Ending(1, ""), errors("a", "a", "a"), "failed: a"),
        (Ending(1, ""), errors("a", "b", "c", "d", "e"), "failed: a\n  b\n  c\n  and 2 more errors"),
        (Ending(2, "panic: it crashed"), [], "failed: panic: it crashed"),
        (Ending(3, ""), [], "failed: it ended with code 3 and gave no reason"),
    ],
)
def test_the_first_errors_are_told(ending, found, told):
    error = failure(ATTEMPT, ending, found)
    assert isinstance(error, TerraformFailed)
    assert error.what == f"terraform apply of stack training of churn {told}"


@pytest.mark.parametrize(
    ("summary", "remedy"),
    [
        ("Failed to query available provider packages", "~/.terraform.d/plugins"),
        ("No valid credential sources found", "aws sso login"),
        ("operation error STS: ExpiredToken", "aws sso login"),
        ("S3 bucket does not exist", "state_bucket"),
        ("ResourceLimitExceeded: The account-level service limit 'ml.g5.xlarge' is 0 Instances", "Service Quotas"),
        ("Something nobody foresaw", ""),
    ],
)
def test_what_is_known_has_a_remedy(summary, remedy):
    assert remedy in failure(ATTEMPT, Ending(1, ""), errors(summary)).remedy


@pytest.mark.parametrize("said", SAID, ids=lambda said: said.text[:60])
def test_what_aws_says_to_terraform_is_explained_as_the_same_words_are_elsewhere(said: Said):
    error = failure(ATTEMPT, Ending(1, ""), errors(said.of_terraform))
    assert said.of_terraform in error.what, "AWS's own words are told whole"
    assert said.remedy in error.remedy
    assert bool(error.remedy) == (said.blame is not Blame.NOBODY)
    if said.blame is Blame.CALLER:
        assert error.what.index(said.says) < error.what.index(said.of_terraform)


def test_a_refusal_names_the_action_and_what_it_is_refused_on():
    told = "api error AccessDeniedException: User: arn:aws:sts::1:assumed-role/acme-prod-apply/ci is not authorized to "
    denied = f"{told}perform: sagemaker:UpdateEndpoint on resource: arn:aws:sagemaker:eu-west-1:1:endpoint/x because"
    remedy = "allow the role acme-prod-apply sagemaker:UpdateEndpoint on arn:aws:sagemaker:eu-west-1:1:endpoint/x"
    assert failure(ATTEMPT, Ending(1, ""), errors(denied)).remedy == remedy
    s3 = "operation error S3: DeleteObject, https response error StatusCode: 403, api error AccessDenied: Access Denied"
    assert failure(ATTEMPT, Ending(1, ""), errors(s3)).remedy == "allow the role that you use s3:DeleteObject"


def test_the_reason_is_told_first_then_the_lock_then_where_the_state_is():
    expired = "api error ExpiredToken: The provided token has expired."
    found = [
        Diagnostic("error", "Failed to save state", f"Error saving state: {expired}"),
        Diagnostic("error", "Failed to persist state to backend", "The error shown above has prevented Terraform"),
        Diagnostic("error", "Error releasing the state lock", f"Error message: {expired}\nLock Info:\n  ID: 4711\n"),
    ]
    error = failure(ATTEMPT, Ending(1, ""), found, "/saved/lost.tfstate")
    apply = "terraform apply of stack training of churn"
    assert error.what.splitlines() == [
        f"{apply} failed: the AWS credentials have expired: Failed to save state: Error saving state: {expired}",
        f"  {apply} could not give its lock back: {expired}",
        f"  {apply} could not write the state to s3://states/key; it was kept in /saved/lost.tfstate",
    ]
    assert error.remedy.startswith("sign in (`aws sso login`)")
    assert error.remedy.endswith(
        "put the state there before anything else: aws s3 cp /saved/lost.tfstate s3://states/key"
    )


THERE = [
    "creating IAM Role (acme-prod-churn-serving): api error EntityAlreadyExists: Role with name x already exists.",
    "creating ECR Repository (x): RepositoryAlreadyExistsException: The repository with name 'x' already exists",
    'creating SageMaker AI Model: api error ValidationException: Cannot create already existing model "arn:x".',
    "creating CloudWatch Logs Log Group (x): ResourceAlreadyExistsException: The specified log group already exists",
    "creating S3 Bucket (x): BucketAlreadyExists",
    "creating Batch Job Queue (x): api error ClientException: Object already exists",
]


@pytest.mark.parametrize("said", THERE)
def test_what_is_there_already_is_told_by_its_address_and_nobody_is_told_to_delete_it(said):
    error = failure(ATTEMPT, Ending(1, ""), [Diagnostic("error", said, address="aws_iam_role.serving")])
    assert isinstance(error, AlreadyThere)
    assert error.addresses == ("aws_iam_role.serving",)
    assert "delete" not in error.remedy


@pytest.mark.parametrize(
    ("code", "stderr", "found", "kept"),
    [
        (0, "", (), Kept(may_be=False)),
        (1, "", (Diagnostic("error", "The word is bad."),), Kept(may_be=False)),
        (1, "", (Diagnostic("error", "Error acquiring the state lock", "Lock Info:\n  ID: 1"),), Kept(may_be=False)),
        (1, "", (Diagnostic("error", "error loading state: Unable to access object"),), Kept(may_be=True)),
        (
            1,
            "",
            (
                Diagnostic("error", "The word is bad."),
                Diagnostic("error", UNRELEASED, "Lock Info:\n  ID:        4711\n"),
            ),
            Kept(may_be=True, lock="4711"),
        ),
        (1, f"│ Error: {UNRELEASED}\n│ Lock Info:\n│   ID:        4711\n", (), Kept(may_be=True, lock="4711")),
        (-9, "", (), Kept(may_be=True, killed=True)),
    ],
)
def test_what_a_terraform_that_has_ended_may_have_kept_is_in_its_words(code, stderr, found, kept):
    assert kept_lock(Ending(code, stderr), found) == kept


CONFLICT = 'api error ValidationException: Cannot update in-progress endpoint "acme-prod-churn".'


def test_a_change_that_somebody_else_is_making_is_no_failure():
    error = failure(ATTEMPT, Ending(1, ""), errors(CONFLICT, "api error ConflictException: the resource is busy"))
    assert isinstance(error, Busy)
    assert "somebody else is changing it" in error.what
    assert "in-progress endpoint" in error.what
    assert "next run goes on" in error.remedy


@pytest.mark.parametrize("other", ["access denied", "ConflictException: Schedule nightly already exists."])
def test_a_failure_beside_a_conflict_is_one(other):
    assert isinstance(failure(ATTEMPT, Ending(1, ""), errors(CONFLICT, other)), TerraformFailed)


def test_being_asked_to_stop_is_no_failure():
    error = failure(ATTEMPT, Ending(1, "", "asked to stop"), errors("operation canceled"))
    assert isinstance(error, Interrupted)
    assert "run again" in error.remedy


def test_after_a_kill_the_lock_is_released_by_the_next_run():
    error = failure(ATTEMPT, Ending(-9, "", "asked to stop"), [])
    assert error.remedy == "run again: the lock that it left is released then"


IN_USE = [
    # https://github.com/dfds/infrastructure-modules/issues/5, https://github.com/anomalyco/sst/issues/4963
    "deleting ACM Certificate: ResourceInUseException: Certificate arn:aws:acm:x in account 1 is in use.",
    # https://github.com/cloudposse/terraform-aws-alb-ingress/issues/24
    "deleting Target Group: ResourceInUse: Target group 'arn:x' is currently in use by a listener or a rule",
]


@pytest.mark.parametrize("said", IN_USE)
def test_what_is_in_use_until_a_person_ends_that_is_a_failure(said):
    error = failure(ATTEMPT, Ending(1, ""), errors(said))
    assert isinstance(error, TerraformFailed)
    assert said in error.what
