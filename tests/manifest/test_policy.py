"""The policy of training jobs: where it is looked for, and what is said of one that IAM or we would not take."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from reconciler.core.server import Server
from reconciler.errors import ManifestInvalid
from reconciler.manifest import Context, load
from reconciler.manifest.policy import SHARED_FILE, find_policy
from reconciler.manifest.policy.patterns import covers, meet
from support.checkout import REPOSITORY
from support.examples import examples

STACKS = REPOSITORY / "terraform" / "stacks"

GOOD = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Artifacts",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:Put*"],
      "Resource": "arn:${partition}:s3:::data-${platform}/${project}/*",
      "Condition": {
        "StringLikeIfExists": {"s3:prefix": ["${aws:userid}/*", "a"]},
        "Bool": {"aws:SecureTransport": true}
      }
    },
    {"Effect": "Deny", "NotAction": "s3:*", "NotResource": ["arn:aws:s3:::keep/${*}"]},
    {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}}
  ]
}
"""


def statement(**elements: object) -> str:
    """A policy with one statement on line 2; an element of None is left out."""
    whole = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}
    given = {name: value for name, value in whole.items() if value is not None}
    return f'{{"Version": "2012-10-17", "Statement": [\n{json.dumps(given)}]}}'


@pytest.fixture
def policy(checkout, header):
    """The template that a project named churn gets, in a checkout that was told its files."""
    checkout.project("churn")

    def found(bucket: str = "", server: Server | None = None, region: str = "eu-west-1") -> str:
        path = checkout.write("manifests/prod.yaml", header + "projects: {churn: {}}\n")
        manifest = load(path, {})
        given = replace(manifest.platform, artifact_bucket=bucket, server=server, region=region)
        manifest = replace(manifest, platform=given)
        context = Context(checkout.root, checkout.trees, checkout.root / "terraform" / "stacks")
        return find_policy("churn", manifest, context)

    return found


@pytest.fixture
def problems(checkout, policy):
    """What is wrong with a shared policy of the given text, without the file's name."""

    def found(text: str, **known: object) -> list[str]:
        checkout.write(SHARED_FILE, text)
        try:
            policy(**known)
        except ManifestInvalid as error:
            return [problem.removeprefix(f"{SHARED_FILE}:") for problem in error.problems]
        return []

    return found


def test_without_a_file_there_is_no_policy(policy):
    assert policy() == ""


def test_the_shared_policy_is_taken_as_it_is_written(checkout, policy):
    checkout.write(SHARED_FILE, GOOD)
    assert policy() == GOOD


def test_the_policy_in_the_project_folder_counts_before_the_shared_one(checkout, policy):
    checkout.write(SHARED_FILE, "{")
    checkout.write("ml-projects/churn/policy.json", GOOD)
    assert policy() == GOOD


def test_a_mistake_in_the_project_folder_is_told_with_that_file(checkout, policy):
    checkout.write(SHARED_FILE, GOOD)
    checkout.write("ml-projects/churn/policy.json", "[]")
    with pytest.raises(ManifestInvalid) as caught:
        policy()
    assert caught.value.problems[0].startswith("ml-projects/churn/policy.json:1: a list is not a policy")


def test_a_byte_order_mark_is_no_part_of_the_policy(checkout, policy):
    checkout.write(SHARED_FILE, f"\ufeff{GOOD}")
    assert policy() == GOOD


def test_a_file_that_is_not_text_is_told_with_its_line(checkout, policy):
    checkout.write(SHARED_FILE, "").write_bytes(b'{\n"\xff"}')
    with pytest.raises(ManifestInvalid, match=r"training-jobs-policy\.json:2: is not UTF-8 text: byte 0xff"):
        policy()


def test_a_folder_in_the_place_of_the_file_is_told(checkout, policy):
    (checkout.root / SHARED_FILE).mkdir(parents=True)
    with pytest.raises(ManifestInvalid, match=r"training-jobs-policy\.json:1: cannot be read: Is a directory"):
        policy()


def test_a_huge_file_is_not_read(checkout, policy):
    checkout.write(SHARED_FILE, " " * 100_001)
    with pytest.raises(ManifestInvalid, match="is larger than 100000 bytes"):
        policy()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["1: is empty; write JSON, or delete the file"]),
        ("{", ["1: is not valid JSON: Expecting property name"]),
        ('{\n"Version": "2012-10-17",\n}', ["2: is not valid JSON: a comma stands after the last item"]),
        ('{"Statement": [\n"a"\n,\n\n]}', ["3: is not valid JSON: a comma stands after the last item"]),
        ('{\n"a": ",}" "b"}', ["2: is not valid JSON: Expecting ',' delimiter"]),
        ("[" * 50_000, ["1: is nested too deeply"]),
        ("[" * 900 + "]" * 900, ["1: "]),
        ('"text"', ["1: 'text' is not a policy; a policy is {"]),
        ("{}", ["1: Version: is missing; write", "1: Statement: is missing, because"]),
        (
            '{"Version": "2008-10-17",\n"Statement": []}',
            ["1: Version: '2008-10-17' is not \"2012-10-17\"", "2: Statement: is missing"],
        ),
        (
            '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*"}}',
            ["1: Statement: has neither Action nor NotAction"],
        ),
        (
            '{"Version": "2012-10-17", "Statement": ["a",\nnull]}',
            ["1: Statement[0]: 'a' is not a statement", "2: Statement[1]: nothing is not a statement"],
        ),
        (statement(Sid=None).replace("{", '{"Id": "x",', 1), ["1: Id: is not taken, because only policies of res"]),
        (
            statement().replace("Version", "version"),
            ["1: version: is not an element of a policy; did you mean 'Version'?", "1: Version: is missing"],
        ),
        (
            statement().replace("{", '{\n"Version": "2012-10-17",', 1),
            ["2: Version: is written twice; the first time on line 2; leave one of them out"],
        ),
    ],
)
def test_mistakes_of_the_whole_file_are_told_with_their_lines(problems, text, told):
    found = problems(text)
    assert len(found) == len(told), found
    assert all(one.startswith(start) for one, start in zip(found, told, strict=True)), found


@pytest.mark.parametrize(
    ("elements", "told"),
    [
        ({"Effect": None}, ": has no Effect; write Allow or Deny"),
        ({"Effect": "allow"}, ".Effect: 'allow' is not Allow or Deny, because there is nothing else; did you mean 'Al"),
        ({"Effect": ["Allow"]}, ".Effect: a list is not Allow or Deny"),
        ({"Sid": "Read it"}, ".Sid: 'Read it' is not a Sid, because IAM takes letters and digits only"),
        ({"Sid": 1}, ".Sid: 1 is not a Sid"),
        ({"Actions": "s3:Get*"}, ".Actions: is not an element of a statement; did you mean 'Action'?"),
        ({"Comment": "x"}, ".Comment: is not an element of a statement; "),
        ({"Principal": "*"}, ".Principal: is not taken, because the role that the policy belongs to is the principal"),
        ({"NotPrincipal": "*"}, ".NotPrincipal: is not taken"),
        ({"Action": None}, ": has neither Action nor NotAction"),
        ({"Resource": None}, ": has neither Resource nor NotResource"),
        ({"NotResource": "*"}, ".NotResource: stands beside Resource"),
        ({"Action": "*"}, ".Action: '*' allows everything, because it stands for every action of every service; name"),
        ({"Action": "*:*"}, ".Action: '*:*' allows everything"),
        ({"Action": ["s3:GetObject", "*"]}, ".Action[1]: '*' allows everything"),
        ({"Action": None, "NotAction": "s3:Get*"}, ".NotAction: allows everything that it does not name"),
        ({"Action": "GetObject"}, ".Action: 'GetObject' is not an action, because that is a service, a colon"),
        ({"Action": "s*:GetObject"}, ".Action: 's*:GetObject' is not an action"),
        ({"Action": "s3:Get Object"}, ".Action: 's3:Get Object' is not an action"),
        ({"Action": "s3:${project}"}, ".Action: 's3:${project}' is not an action"),
        ({"Action": []}, ".Action: is an empty list"),
        ({"Action": ["s3:GetObject", 7]}, ".Action[1]: 7 is not text, because IAM takes text or a list of it"),
        ({"Action": {"s3": "GetObject"}}, ".Action: a mapping is not text"),
        ({"Resource": []}, ".Resource: is an empty list"),
        ({"Resource": None, "NotResource": 1}, ".NotResource: 1 is not text"),
        ({"Resource": "my-bucket"}, ".Resource: 'my-bucket' is not a resource, because that is * or arn:partition:"),
        ({"Resource": "arn:aws:s3::bucket"}, ".Resource: 'arn:aws:s3::bucket' is not a resource"),
        ({"Resource": "arn:aws:*:::bucket"}, ".Resource: 'arn:aws:*:::bucket' is not a resource"),
        ({"Resource": "arn:aws:s3:${aws:userid}::x"}, ".Resource: 'arn:aws:s3:${aws:userid}::x' has a variable of IAM"),
        ({"Resource": ["*", "s3:::b"]}, ".Resource[1]: 's3:::b' is not a resource"),
        ({"Condition": {}}, ".Condition: an empty mapping is not a condition"),
        ({"Condition": ["x"]}, ".Condition: a list is not a condition"),
        ({"Condition": {"Bool": {}}}, ".Condition.Bool: an empty mapping is not a mapping of keys to values"),
        ({"Condition": {"Bool": "true"}}, ".Condition.Bool: 'true' is not a mapping of keys to values"),
        (
            {"Condition": {"StringEqual": {"aws:userid": "x"}}},
            ".Condition.StringEqual: is not an operator, because IAM has none of that name; did you mean 'StringEq",
        ),
        ({"Condition": {"NullIfExists": {"aws:userid": "true"}}}, ".Condition.NullIfExists: is not an operator"),
        ({"Condition": {"Each:Bool": {"aws:userid": "true"}}}, ".Condition.Each:Bool: is not an operator"),
        ({"Condition": {"Bool": {"SourceIp": "x"}}}, ".Condition.Bool.SourceIp: is not a key"),
        ({"Condition": {"Bool": {"aws:x": []}}}, ".Condition.Bool.aws:x: an empty list is not a value"),
        ({"Condition": {"Bool": {"aws:x": None}}}, ".Condition.Bool.aws:x: nothing is not a value"),
        ({"Condition": {"Bool": {"aws:x": ["a", {}]}}}, ".Condition.Bool.aws:x: a list is not a value"),
        (
            {"Resource": "arn:aws:s3:::${projekt}"},
            ".Resource: ${projekt} is not a variable; did you mean 'project'?",
        ),
        ({"Resource": "arn:aws:s3:::${}"}, ".Resource: ${} is not a variable; known are platform, "),
        ({"Resource": "arn:aws:s3:::\N{EN DASH}"}, ".Resource: '\N{EN DASH}' is not taken, because IAM knows"),
        ({"Action": "iam:*"}, ".Action: 'iam:*' allows the role to give itself everything, because iam hands out perm"),
        ({"Action": "STS:*", "Resource": "arn:aws:iam::1:role/x"}, ".Action: 'STS:*' allows the role to give itself"),
        ({"Action": "organizations:**"}, ".Action: 'organizations:**' allows the role to give itself everything"),
        (
            {"Action": "iam:PassRole"},
            ".Action: 'iam:PassRole' on any resource allows the role to take every permission",
        ),
        ({"Action": ["iam:Get*", "iam:p*"]}, ".Action[1]: 'iam:p*' on any resource allows"),
        ({"Action": "sts:Assume*", "Resource": "arn:aws:iam::*:role/*"}, ".Action: 'sts:Assume*' on any resource"),
        (
            {"Action": "iam:PassRole", "Resource": ["arn:aws:s3:::b", "arn:${partition}:iam::${account}:*"]},
            ".Action: 'iam:PassRole' on any resource",
        ),
        (
            {"Action": "iam:PutRolePolicy", "Resource": None, "NotResource": "arn:aws:iam::1:role/a"},
            ".Action: 'iam:PutRolePolicy' on any resource",
        ),
    ],
)
def test_each_mistake_of_a_statement_is_told_once_with_its_line_and_place(problems, elements, told):
    (found,) = problems(statement(**elements))
    assert found.startswith(f"2: Statement[0]{told}"), found


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"Sid": ""},
        {"Resource": "arn:aws-cn:s3:::bucket/with space/${aws:PrincipalTag/team, 'none'}"},
        {"Resource": ["arn:*:logs:*:${account}:log-group:/x:*", "arn:aws:iam::aws:policy/ReadOnlyAccess"]},
        {"Action": "iam:Get*"},
        {"Action": "sts:GetCallerIdentity"},
        {"Action": "iam:PassRole", "Resource": "arn:${partition}:iam::${account}:role/data-reader"},
        {"Action": "iam:PassRole", "Effect": "Deny"},
        {"Action": "iam:*", "Effect": "Deny"},
        {"Action": None, "NotAction": ["s3:GetObject"], "Effect": "Deny"},
        {"Condition": {"ForAllValues:StringLikeIfExists": {"aws:ResourceTag/${platform}": ["a", "b"]}}},
        {"Condition": {"NumericLessThan": {"s3:max-keys": 10}, "Null": {"aws:TokenIssueTime": "true"}}},
    ],
)
def test_a_statement_that_breaks_no_rule_is_taken(problems, elements):
    assert problems(statement(**elements)) == []


ROLE, HERE = "arn:${partition}:iam::${account}:role/", "${platform}-${environment}-"
OWN_ROLES = [
    "acme-prod-plan",
    "acme-prod-apply",
    "acme-prod-batch-instance",
    "acme-prod-training-flow-logs",
    "acme-prod-mlflow-exec",
    "acme-prod-mlflow-task",
    "acme-prod-mlflow-flow-logs",
    "acme-prod-churn-training-job",
    "acme-prod-churn-training-exec",
    "acme-prod-churn-schedule",
    "acme-prod-churn-serving",
]


@pytest.mark.parametrize("action", ["iam:PassRole", "iam:PutRolePolicy", "sts:AssumeRole", "iam:*Role", "sts:Assume*"])
@pytest.mark.parametrize(
    "resource",
    [
        *(f"arn:aws:iam::123456789012:role/{name}" for name in OWN_ROLES),
        f"{ROLE}{HERE}*",
        f"{ROLE}{HERE}${{project}}-training-job",
        f"{ROLE}{HERE}*-serving",
        f"{ROLE}a*",
        f"{ROLE}*-training-job",
        f"{ROLE}?cme-pro?-*",
        f"{ROLE}${{platform}}*",
        f"{ROLE}*prod*",
        f"{ROLE}ACME-prod-plan",
        f"{ROLE}${{aws:PrincipalTag/role}}",
        f"{ROLE}acme-prod-${{aws:PrincipalTag/project}}-serving",
        "arn:*:iam::*:role/acme-prod-apply",
        "arn:aws:iam::*:*acme-prod-apply",
    ],
)
def test_no_policy_hands_out_or_takes_a_role_of_the_environment_itself(problems, action, resource):
    (found,) = problems(statement(Action=action, Resource=["arn:aws:iam::1:role/other", resource]))
    assert "permissions of this environment itself, because its resources cover role/acme-prod-" in found


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:CreatePolicyVersion", "arn:aws:iam::1:policy/${platform}-${environment}-apply-roles"),
        ("iam:SetDefaultPolicyVersion", "arn:aws:iam::1:policy/a*"),
        ("iam:AddRoleToInstanceProfile", "arn:aws:iam::1:instance-profile/acme-prod-batch-instance-2026"),
        ("iam:UpdateRole", "arn:aws:iam::1:role/acme-prod-plan"),
        ("iam:DeleteRolePermissionsBoundary", "arn:aws:iam::1:role/acme-*"),
        (
            "iam:UpdateOpenIDConnectProviderThumbprint",
            "arn:aws:iam::1:oidc-provider/token.actions.*",
        ),
        ("s3:PutObject", "arn:aws:s3:::acme-tfstate/prod/*"),
        ("s3:*", "arn:aws:s3:::acme-tfstate"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::acme-*"),
        ("s3:*Object", "arn:aws:s3:::*/*"),
        ("s3:DeleteObject", "*"),
        ("ecr:PutImage", "arn:aws:ecr:eu-west-1:1:repository/acme-prod/other/training"),
        ("ecr:*", "*"),
        ("ecr:SetRepositoryPolicy", "arn:aws:ecr:*:*:repository/${platform}-${environment}/*"),
        ("batch:RegisterJobDefinition", "arn:aws:batch:eu-west-1:1:job-definition/acme-prod-churn"),
        ("batch:SubmitJob", "arn:aws:batch:eu-west-1:1:job-definition/acme-prod-other"),
        ("batch:SubmitJob", "arn:aws:batch:eu-west-1:1:job-definition/${platform}-${environment}-${project}*"),
        ("batch:*", "*"),
    ],
)
def test_no_policy_changes_what_decides_over_the_environment(problems, action, resource):
    (found,) = problems(statement(Action=action, Resource=resource))
    assert re.search(r"because its resources cover \S*acme-\S+; name |cover oidc-provider/", found)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-isoe-west-1", "aws-iso-e")],
)
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:PutRolePolicy", "iam::123456789012:role/acme-prod-*"),
        ("iam:PassRole", "iam::123456789012:role/acme-prod-*"),
        ("sts:AssumeRole", "iam::123456789012:role/acme-prod-apply"),
        ("s3:PutObject", "s3:::acme-tfstate/*"),
        ("ecr:PutImage", "ecr:REGION:1:repository/acme-prod/other/training"),
        ("batch:SubmitJob", "batch:REGION:1:job-definition/acme-prod-other"),
    ],
)
def test_what_is_ours_is_guarded_in_the_partition_of_its_region(problems, region, partition, action, resource):
    for written in (partition, "${partition}"):
        named = f"arn:{written}:{resource.replace('REGION', region)}"
        (found,) = problems(statement(Action=action, Resource=named), region=region)
        assert "because its resources cover " in found
    assert problems(statement(Action=action, Resource=f"arn:aws:{resource}"), region=region) == []


def test_what_a_policy_leaves_out_is_not_reached(problems):
    bucket = "arn:aws:s3:::acme-tfstate"
    assert problems(statement(Action="s3:Put*", Resource=None, NotResource=[bucket, f"{bucket}/*"])) == []
    (found,) = problems(statement(Action="s3:Put*", Resource=None, NotResource=f"{bucket}/test/*"))
    assert "could write the states" in found


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "*"),
        ("s3:ListBucket", "arn:aws:s3:::acme-tfstate"),
        ("s3:*", ["arn:${partition}:s3:::${artifact_bucket}/${project}/*", "arn:${partition}:s3:::acme-data/*"]),
        ("s3:Put*", "arn:aws:s3:::acme-tfstate-of-others/*"),
        ("iam:PassRole", "arn:${partition}:iam::${account}:role/${platform}-sagemaker-processing"),
        ("sts:AssumeRole", "arn:aws:iam::210987654321:role/data-*"),
        ("iam:PassRole", "arn:aws:iam::1:role/service-role/*"),
        ("iam:PassRole", f"{ROLE}${{project}}-*"),
        ("iam:GetRole", "*"),
        ("iam:List*", f"{ROLE}{HERE}*"),
        ("ecr:GetAuthorizationToken", "*"),
        ("ecr:BatchGetImage", "arn:aws:ecr:eu-west-1:1:repository/acme-prod/*"),
        ("ecr:PutImage", "arn:aws:ecr:eu-west-1:1:repository/notebooks/*"),
        ("batch:DescribeJobs", "*"),
        ("batch:SubmitJob", ["arn:aws:batch:eu-west-1:1:job-definition/${platform}-${environment}-${project}"]),
        ("batch:SubmitJob", "arn:aws:batch:eu-west-1:1:job-definition/acme-prod-churn:*"),
        ("batch:SubmitJob", "arn:aws:batch:eu-west-1:1:job-queue/acme-prod-fargate"),
        ("sagemaker:InvokeEndpoint", "arn:aws:sagemaker:eu-west-1:1:endpoint/acme-prod-*"),
        ("secretsmanager:GetSecretValue", "*"),
        ("kms:Decrypt", "*"),
        ("dynamodb:*", "*"),
    ],
)
def test_what_training_jobs_need_is_taken(problems, action, resource):
    assert problems(statement(Action=action, Resource=resource), bucket="acme-artifacts") == []


def test_a_deny_may_name_what_is_ours(problems):
    assert problems(statement(Effect="Deny", Action="iam:PassRole", Resource=f"{ROLE}{HERE}*")) == []


def test_no_resource_that_a_message_proposes_is_refused_in_its_place(problems):
    found = [
        *problems(statement(Action="iam:PassRole")),
        *problems(statement(Action="iam:PassRole", Resource=f"{ROLE}a*")),
        *problems(statement(Action="batch:SubmitJob")),
    ]
    proposed = [re.search(r"such as (\S+)$", one)[1] for one in found]
    assert len(proposed) == 3
    for resource in proposed:
        assert problems(statement(Action=["iam:PassRole", "batch:SubmitJob"], Resource=resource)) == []


def test_every_role_of_the_stacks_is_guarded():
    """The names that Terraform gives, with a project's name in the place of the variable."""
    given = []
    for file in sorted(STACKS.glob("*/*.tf")):
        for role in re.findall(r'resource "aws_iam_role" "\w+" \{(.*?)\n\}', file.read_text(), re.DOTALL):
            own = {"mlflow-server": "${local.prefix}-mlflow"}.get(file.parent.name, "${local.prefix}-churn")
            name = re.search(r'name\s+= "([^"]+)"', role)[1].replace("${local.name}", own)
            given.append(name.replace("${local.prefix}", "acme-prod"))
    assert sorted(given) == sorted(OWN_ROLES)


PATTERN = st.text(st.sampled_from("ab*?"), max_size=7)


@examples(2000)
@given(PATTERN, PATTERN)
def test_two_patterns_meet_where_a_text_fits_both(one, other):
    """Texts as long as both patterns together show every way in which they can meet."""

    def met(at: int, beside: int) -> bool:
        left, right = one[at:], other[beside:]
        if not left and not right:
            return True
        if left[:1] == "*":
            return met(at + 1, beside) or (bool(right) and met(at, beside + 1))
        if right[:1] == "*":
            return met(at, beside + 1) or (bool(left) and met(at + 1, beside))
        same = bool(left and right) and (left[0] == right[0] or "?" in left[0] + right[0])
        return same and met(at + 1, beside + 1)

    assert meet(one, other) is met(0, 0)


@examples(2000)
@given(PATTERN, PATTERN)
def test_a_pattern_that_covers_another_meets_it(one, other):
    assert not covers(one, other) or meet(one, other)


def test_every_mistake_is_told_at_once_from_the_top_to_the_end(problems):
    found = problems(
        '{"Version": "2012-10-17",\n"Statement": [\n{"Effect": "Allow",\n"Action": "*",\n"Resource": "x"},\n'
        '{"Sid": "a-b",\n"Effect": "Permit",\n"Action": ["s3:GetObject",\n"${oops}"],\n"Resource": "*"}]}'
    )
    assert [problem.split(": ")[:2] for problem in found] == [
        ["4", "Statement[0].Action"],
        ["5", "Statement[0].Resource"],
        ["6", "Statement[1].Sid"],
        ["7", "Statement[1].Effect"],
        ["9", "Statement[1].Action[1]"],
        ["9", "Statement[1].Action[1]"],
    ]


def test_two_statements_of_one_sid_are_told_at_the_second(problems):
    one = '{"Sid": "A", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}'
    found = problems(f'{{"Version": "2012-10-17", "Statement": [\n{one},\n{one}]}}')
    assert [problem[:24] for problem in found] == ["3: Statement[1].Sid: 'A'"]


def test_a_number_that_json_does_not_know_is_told(problems):
    found = problems(statement(Condition={"NumericEquals": {"s3:max-keys": float("nan")}}))
    assert found[0].startswith("2: Statement[0].Condition.NumericEquals.s3:max-keys: is not valid JSON: NaN")


def with_resources(size: int) -> str:
    """A policy of exactly `size` characters besides white space."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": [""]}]}
    empty = len(json.dumps(policy, separators=(",", ":")))
    policy["Statement"][0]["Resource"] = ["arn:aws:s3:::" + "x" * (size - empty - 13)]
    return json.dumps(policy, indent=4)


def test_a_policy_of_10240_characters_is_taken_and_one_more_is_not(problems):
    assert problems(with_resources(10_240)) == []
    assert [problem[:28] for problem in problems(with_resources(10_241))] == ["1: is 10241 characters long "]


def test_variables_count_with_the_longest_values_that_they_can_have(problems):
    text = with_resources(10_240)
    assert problems(text.replace("x" * 24, "${project}", 1)) == []
    assert problems(text.replace("x" * 23, "${project}", 1)) != []


def test_the_artifact_bucket_needs_one_that_is_known(problems):
    text = statement(Resource=["arn:aws:s3:::${artifact_bucket}", "arn:aws:s3:::${artifact_bucket}/*"])
    (found,) = problems(text)
    assert found.startswith("2: Statement[0].Resource[0]: ${artifact_bucket} stands for nothing")
    assert "set mlflow.artifact_bucket or mlflow.server" in found
    assert problems(text, bucket="acme-artifacts") == []
    assert problems(text, server=Server()) == []


SNIPPETS = st.sampled_from(
    ["", ",", "{", "}", "[", "]", '"', ":", "*", "null", "1", "${", "\\", "\n", "é", "\t", "NaN"]
)


@examples(200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(GOOD)), st.integers(0, 30), SNIPPETS)
def test_text_cut_or_inserted_anywhere_is_taken_or_refused_with_a_line(problems, position, length, snippet):
    text = GOOD[:position] + snippet + GOOD[position + length :]
    for problem in problems(text):
        found = re.match(r"([1-9][0-9]*): \S", problem)
        assert found, problem
        assert int(found[1]) <= text.count("\n") + 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
PLACES = ["Version", "Statement", "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]


@examples(200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PLACES), VALUES)
def test_any_value_anywhere_is_taken_or_refused_with_a_line(problems, place, value):
    tree = json.loads(GOOD)
    holder = tree if place in tree else tree["Statement"][0]
    holder[place] = value
    for problem in problems(json.dumps(tree, indent=2)):
        assert re.match(r"[1-9][0-9]*: \S", problem), problem
