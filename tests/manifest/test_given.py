"""Parameters, variables and secrets as they are written, and what is refused of them."""

import pytest

from reconciler.core.desired import Inputs
from reconciler.errors import ManifestInvalid

ASKED = "defaults: {training: {resources: {vcpu: 1, memory: 2048}}}\n"
PROJECT = """\
entry_points:
  main: {command: python train.py}
  train:
    parameters: {alpha: {type: float}, name: {default: x}, data: {type: uri, default: 's3://a'}}
    command: python train.py {alpha} {name} {data}
"""


@pytest.fixture
def resolved(desired, checkout):
    """The only project of a manifest whose `a` has these lines."""

    def find(lines, defaults="training: {resources: {vcpu: 1, memory: 2048}}"):
        checkout.project("a")
        checkout.write("ml-projects/a/MLproject", PROJECT)
        return desired(f"defaults: {{{defaults}}}\nprojects:\n  a: {{{lines}}}").projects[0]

    return find


def refused(resolved, lines):
    with pytest.raises(ManifestInvalid) as error:
        resolved(lines)
    return error.value.problems


def test_what_is_written_arrives_as_text_by_name(resolved):
    found = resolved("training: {entry_point: train, parameters: {name: 'a b', alpha: 0.50}, env: {B: '1', A: ' x '}}")
    assert found.training.inputs == Inputs("train", (("alpha", "0.5"), ("name", "a b")), (("A", " x "), ("B", "1")))


@pytest.mark.parametrize(
    ("written", "handed"),
    [
        ("0.00001", "0.00001"),
        ("-3", "-3"),
        ("true", "true"),
        ("'0.50'", "0.50"),
        ("''", ""),
        ("'$HOME $(x) {y} \\n'", "$HOME $(x) {y} \\n"),
        ('"a\\nb"', "a\nb"),
        ("'größe 🙂'", "größe 🙂"),
    ],
)
def test_a_parameter_is_handed_over_as_it_is_written(resolved, written, handed):
    found = resolved(f"training: {{entry_point: train, parameters: {{alpha: 1, name: {written}}}}}")
    assert dict(found.training.inputs.parameters)["name"] == handed


def test_of_defaults_and_the_project_s_own_the_project_s_counts_name_by_name(resolved):
    training = (
        "resources: {vcpu: 1, memory: 2048}, env: {A: '1', B: '1'}, secrets: {S: 'parameter:/s', T: 'parameter:/t'}"
    )
    defaults = f"training: {{{training}}}, deployment: {{env: {{M: '1', N: '1'}}}}"
    own = "training: {env: {B: '2', T: 'open'}, secrets: {S: 'secret:s'}}, "
    own += "deployment: {version: 1, endpoint: {type: serverless}, env: {N: '2'}}"
    found = resolved(own, defaults)
    assert found.training.inputs.env == (("A", "1"), ("B", "2"), ("T", "open"))
    assert found.training.secrets == (("S", "secret:s"),)
    assert found.deployment.env == (("M", "1"), ("N", "2"))


def test_a_variable_of_the_defaults_is_a_secret_where_the_project_says_so(resolved):
    defaults = "training: {resources: {vcpu: 1, memory: 2048}, env: {DB: plain, A: '1'}}"
    found = resolved("training: {secrets: {DB: 'parameter:/db'}}", defaults)
    assert (found.training.inputs.env, found.training.secrets) == ((("A", "1"),), (("DB", "parameter:/db"),))


PARAMETERS = [
    (
        "{entry_point: train}",
        "ml-projects/a/MLproject:4: entry_points.train.parameters.alpha: has no default, and nobody",
    ),
    (
        "{entry_point: train, parameters: {alhpa: 1, alpha: 2}}",
        "manifests/prod.yaml:9: projects.a.training.parameters.alhpa: is no parameter of train; did you mean alpha?",
    ),
    (
        "{parameters: {x: 1}}",
        "manifests/prod.yaml:9: projects.a.training.parameters.x: is no parameter of main; there are none",
    ),
    ("{entry_point: train, parameters: {alpha: high}}", "'high' is no number, and train asks for a float"),
    ("{entry_point: train, parameters: {alpha: 1, data: here}}", "'here' is no URI, and train asks for one"),
    ("{entry_point: train, parameters: {alpha: 1, data: '//[x'}}", "'//[x' is no URI, and train asks for one"),
    ("{entry_point: tarin}", "ml-projects/a/MLproject:1: entry_points: has no tarin; there are main, train"),
]


@pytest.mark.parametrize(("training", "told"), PARAMETERS)
def test_parameters_are_held_against_the_mlproject(resolved, training, told):
    [found] = refused(resolved, f"training: {training}")
    assert told in found


NAME = "projects.a.training.env"
MISTAKES = [
    ("training: {env: {AWS_REGION: 'x'}}", "'AWS_REGION' is not the name of a variable"),
    ("training: {env: {MLFLOW_TRACKING_URI: 'x'}}", "is not the name of a variable"),
    ("training: {env: {RECONCILER_MODEL: 'x'}}", "is not the name of a variable"),
    ("training: {env: {1A: 'x'}}", "is not the name of a variable"),
    ("training: {env: {A: 1}}", "the value (not shown) is not text in quotes"),
    ("training: {env: {A: 'AKIAIOSFODNN7EXAMPLE'}}", "the value (not shown) is not text in quotes of at most 1024"),
    (f"training: {{env: {{A: '{'ü ' * 342}'}}}}", "is not text in quotes of at most 1024 bytes"),
    ("training: {env: {LD_AUDIT: 'x'}}", "is not the name of a variable"),
    (
        "training: {entry_point: train, parameters: {alpha: 1, name: 'AKIAIOSFODNN7EXAMPLE'}}",
        "parameters.name: (not shown) looks like a password or token",
    ),
    (f"training: {{entry_point: train, parameters: {{alpha: 1, name: '{'<' * 3000}'}}}}", "as JSON, because AWS Batch"),
    ("training: {env: {DB_PASSWORD: 'hunter2'}}", "has the name of a secret, and `env` is read by everybody"),
    ("training: {env: {HF_TOKEN: 'x'}}", "has the name of a secret"),
    ("deployment: {version: 1, env: {API_KEY: 'x'}}", "and SageMaker shows a model's variables"),
    ("training: {env: {A: 'x'}, secrets: {A: 'parameter:/a'}}", "stands below `secrets` as well; keep one of them"),
    ("training: {secrets: {A: 'hunter2'}}", "the value (not shown) is not parameter:/name"),
    ("training: {secrets: {A: 'parameter:/aws/x'}}", "is not parameter:/name"),
    ("training: {secrets: {A: 'secret:'}}", "is not parameter:/name"),
    ("training: {secrets: {A: 'arn:aws:ssm:eu-west-1:1:parameter/x'}}", "is not parameter:/name"),
    ("training: {secrets: {A: 'secret:acme/test-secret'}}", "ends with no hyphen and six letters or digits"),
    ("training: {secrets: {A: 'secret:acme/test-secret:key'}}", "ends with no hyphen and six letters or digits"),
    ("training: {secrets: {MLFLOW_TRACKING_URI: 'secret:a'}}", "is not the name of a variable"),
    ("training: {env: {MLFLOW_TRACKING_TOKEN: 'x'}}", "is not the name of a variable"),
    ("training: {env: {A: ''}}", "is empty, and AWS Batch drops such a variable"),
    ("training: {parameters: {alpha: [1]}}", "is not text of at most 4096 characters, a number, or true or false"),
    ("training: {parameters: {'a b': 1}}", "'a b' is not the name of a parameter"),
    ("training: {entry_point: '-x'}", "'-x' is not the name of an entry point"),
]


@pytest.mark.parametrize(("lines", "told"), MISTAKES)
def test_what_cannot_be_given_is_refused_and_no_value_is_shown(problems, header, lines, told):
    [found] = problems(f"{header}{ASKED}projects:\n  a: {{{lines}}}")
    assert found.startswith("m.yaml:9: projects.a.")
    assert told in found
    assert "hunter2" not in found
    assert "AKIA" not in found


@pytest.mark.parametrize(
    "name", ["MAX_TOKENS", "TOKENIZERS_PARALLELISM", "PARTITION_KEY", "KEYBOARD", "SECRETARY", "MLFLOW_X"]
)
def test_names_that_only_look_like_those_of_secrets_pass(problems, header, name):
    assert problems(f"{header}{ASKED}projects:\n  a: {{training: {{env: {{{name}: 'x'}}}}}}") == ()


def test_a_login_of_mlflow_is_a_secret_that_a_job_may_have(resolved):
    found = resolved("training: {secrets: {MLFLOW_TRACKING_TOKEN: 'secret:acme/mlflow'}}")
    assert found.training.secrets == (("MLFLOW_TRACKING_TOKEN", "secret:acme/mlflow"),)


def variables(number, letter="V", size=1000):
    return ", ".join(f"{letter}{one}: '{'x' * size}'" for one in range(number))


def test_more_than_batch_takes_is_refused(problems, header):
    [found] = problems(f"{header}{ASKED}projects:\n  a: {{training: {{env: {{{variables(17)}}}}}}}")
    assert "gives more than 16000 bytes of parameters and variables, as JSON, because AWS Batch takes" in found


def test_what_the_defaults_give_counts_for_each_project(problems, header):
    defaults = f"defaults: {{training: {{resources: {{vcpu: 1, memory: 2048}}, env: {{{variables(9)}}}}}}}\n"
    lines = f"a: {{training: {{env: {{{variables(9, 'W')}}}}}}}\n  b: {{training: {{env: {{{variables(9)}}}}}}}"
    [found] = problems(f"{header}{defaults}projects:\n  {lines}")
    assert "projects.a.training: gives more than 16000 bytes" in found


@pytest.mark.parametrize(("number", "size"), [(101, 1), (33, 1000)])
def test_more_than_sagemaker_takes_is_refused(problems, header, number, size):
    lines = f"a: {{deployment: {{version: 1, env: {{{variables(number, size=size)}}}}}}}"
    [found] = problems(f"{header}{ASKED}projects:\n  {lines}")
    assert "projects.a.deployment.env: gives more than 100 variables, or 32000 bytes of them" in found
