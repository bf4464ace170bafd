"""MLproject: what can run, and everything that cannot, at once."""

import pytest

from mlproject.conftest import MAIN, GivenFiles
from reconciler.mlproject import (
    CondaEnvironment,
    EntryPoint,
    Fault,
    FolderFiles,
    Parameter,
    ProjectInvalid,
    PythonEnvironment,
    read_files,
    read_project,
)


def read(files, **options):
    return read_project(GivenFiles(files), **options)


def test_a_project_is_read_whole():
    text = "name: churn\nentry_points:\n  main:\n    parameters:\n      alpha: {type: float, default: 0.50}\n"
    text += (
        "      name: {default: ''}\n      data: path\n    command: \"python train.py {alpha} {name} {data} {{x}}\"\n"
    )
    found = read({"MLproject": text}, given={"data"})
    parameters = {
        "alpha": Parameter("alpha", "float", "0.5", 5),
        "name": Parameter("name", "string", "", 6),
        "data": Parameter("data", "path", None, 7),
    }
    command = "python train.py {alpha} {name} {data} {{x}}"
    assert (found.file, found.name) == ("MLproject", "churn")
    assert found.entry_points == {"main": EntryPoint("main", command, parameters, 8)}


@pytest.mark.parametrize("name", ["MLproject", "MLProject", "mlproject", "MLPROJECT"])
def test_the_project_file_may_be_spelt_as_mlflow_lets_it(name):
    assert read({name: MAIN}).file == name


ENVIRONMENTS = [
    ({"MLproject": MAIN}, PythonEnvironment()),
    ({"MLproject": MAIN, "python_env.yaml": "python: '3.13'\n"}, PythonEnvironment("3.13", file="python_env.yaml")),
    ({"MLproject": MAIN, "conda.yaml": "name: x\n"}, CondaEnvironment("conda.yaml")),
    (
        {"MLproject": MAIN, "python_env.yaml": "python: '3.13'", "conda.yaml": "name: x"},
        PythonEnvironment("3.13", file="python_env.yaml"),
    ),
    (
        {"MLproject": f"{MAIN}conda_env: env/my conda.yaml\n", "env/my conda.yaml": "x: 1"},
        CondaEnvironment("env/my conda.yaml"),
    ),
    ({"MLproject": f"{MAIN}python_env:\nconda_env: ''\n"}, PythonEnvironment()),
    (
        {"MLproject": f"{MAIN}python_env: ./a.yaml", "a.yaml": "{dependencies: null}"},
        PythonEnvironment(file="a.yaml"),
    ),
]


@pytest.mark.parametrize(("files", "expected"), ENVIRONMENTS)
def test_the_environment_is_the_one_that_mlflow_would_take(files, expected):
    assert read(files).environment == expected


def test_every_file_is_read_once():
    files = {"MLproject": MAIN, "python_env.yaml": "dependencies: [-r a.txt, -r b.txt]", "a.txt": "x", "b.txt": "y"}
    given = GivenFiles(files)
    read_project(given)
    assert sorted(given.reads) == ["MLproject", "a.txt", "b.txt", "python_env.yaml"]


BROKEN = [
    ("a: b: c", "MLproject:1: : is not valid YAML: mapping values are not allowed here"),
    ("", "MLproject:1: : holds no keys and values"),
    ("- a list", "MLproject:1: : holds no keys and values"),
    ("name: x\nname: y\n" + MAIN, "MLproject:2: name: is written twice"),
    (
        "name: x",
        "MLproject:1: entry_points: has no main; write below it: main: {command: python train.py}",
    ),
    (
        "entry_points:\n  train: {command: a}\n  test: {command: b}\n",
        "MLproject:1: entry_points: has no main; there are train, test: choose one in the manifest (training.entry",
    ),
    ("entry_points: [main]", "MLproject:1: entry_points: is no mapping of keys to values"),
    (
        "entry_points:\n  main:\n    parameters: {}\n",
        "MLproject:3: entry_points.main.command: is missing; write the command",
    ),
    (
        "entry_points:\n  main: {command: ' '}\n",
        "MLproject:2: entry_points.main.command: is missing; write the command",
    ),
    ("entry_points:\n  main: {command: 3}\n", "MLproject:2: entry_points.main.command: is missing; write the command"),
    (
        "entry_points:\n  main:\n    parameters:\n      seed: int\n    command: python train.py {seed}\n",
        "MLproject:4: entry_points.main.parameters.seed: has no default, and nobody gives it; write default:",
    ),
    (
        "entry_points:\n  main:\n    parameters:\n      seed: {type: int, default: }\n    command: a {seed}\n",
        "MLproject:4: entry_points.main.parameters.seed: has no default, and nobody gives it",
    ),
    (
        "entry_points:\n  main: {command: 'python train.py {alpha}'}\n",
        "MLproject:2: entry_points.main.command: holds {alpha}, which is no parameter; there are none",
    ),
    (
        "entry_points:\n  main: {command: 'echo {}'}\n",
        "MLproject:2: entry_points.main.command: holds {}; a brace that is meant is written twice: {{}}",
    ),
    (
        "entry_points:\n  main: {command: 'echo {'}\n",
        "MLproject:2: entry_points.main.command: cannot be filled in: Single '{' encountered",
    ),
    (
        "entry_points:\n  main: {command: uv run train.py}\n",
        "MLproject:2: entry_points.main.command: there is no uv in the image; name it among the requirements",
    ),
    (
        "entry_points:\n  main: {command: 'ls; poetry run x'}\n",
        "MLproject:2: entry_points.main.command: there is no poetry in the image",
    ),
    ("docker_env: {image: x}\n" + MAIN, "MLproject:1: docker_env: cannot run on AWS Batch: no container is started in"),
    ("databricks_spark_job: {python_file: x}\n" + MAIN, "MLproject:1: databricks_spark_job: cannot run on AWS Batch"),
    (MAIN + "python_env: p.yaml\n", "MLproject:2: python_env: names p.yaml, which is not in the commit"),
    (MAIN + "conda_env: ../conda.yaml\n", "MLproject:2: conda_env: ../conda.yaml leads out of the project's folder"),
    (MAIN + "conda_env: /etc/passwd\n", "MLproject:2: conda_env: /etc/passwd leads out of the project's folder"),
    (MAIN + 'conda_env: "a\\nRUN evil"\n', "MLproject:2: conda_env: is no name of a file in the project's folder"),
    (MAIN + "conda_env: [a]\n", "MLproject:2: conda_env: is no name of a file in the project's folder"),
    (MAIN + "python_env: a\nconda_env: b\n", "MLproject:3: conda_env: stands beside python_env; keep one of them"),
    (b"\xff\xfen\x00", "MLproject:1: : is UTF-16; save it as UTF-8"),
    (b"name: \xe9\n", "MLproject:1: : is not UTF-8 text: byte 0xe9"),
    ("a: " + "[" * 30 + "]" * 30, "MLproject:1: : is not valid YAML: it is nested more than 20 levels deep"),
]


@pytest.mark.parametrize(("text", "told"), BROKEN)
def test_what_mlflow_could_not_run_is_refused_by_its_line(faults, text, told):
    found = faults({"MLproject": text})
    assert len(found) == 1, found
    assert found[0].startswith(told)
    assert "\n" not in found[0]


def test_two_project_files_are_one_too_many(faults):
    assert faults({"MLProject": MAIN}) == ["MLProject:1: : stands beside MLproject; keep one of them"]


def test_everything_is_told_at_once(faults):
    text = "python_env: p.yaml\nentry_points:\n  main:\n    parameters:\n      seed: int\n      n: {type: int}\n"
    text += "    command: uv run train.py {unknown}\n"
    python_env = "python: 3.10\ndependencies:\n  - pywin32==306\n  - -r missing.txt\n  - 3\n  - a b c\n"
    found = faults({"MLproject": text, "p.yaml": python_env})
    assert [one.split(": ")[0] for one in found] == [
        "MLproject:5",
        "MLproject:6",
        "MLproject:7",
        "MLproject:7",
        "p.yaml:1",
        "p.yaml:3",
        "p.yaml:4",
        "p.yaml:5",
        "p.yaml:6",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("entry_points:\n", "2: entry_points: has nothing below it"),
        ("entry_points:\n  main:\n    parameters:\n    command: a\n", "parameters: has nothing below it"),
        ("entry_points:\n  main:\n    parameters: {z: 5}\n    command: a\n", "parameters.z: is no type"),
        ("entry_points:\n  main:\n    parameters: {on: string}\n    command: a\n", "is no text to YAML"),
        ("entry_points: {main: {parameters: {n: {default: 1}}, command: 'a {n:.2f}'}}", "holds {n:.2f}, and MLflow"),
        ("entry_points: {main: {parameters: {n: {default: 1}}, command: 'a {n.real}'}}", "holds {n.real}, and MLflow"),
        ("entry_points: {main: {parameters: {n: {default: 1}}, command: 'a {n:{n}}'}}", "holds {n:{n}}, and MLflow"),
        ("entry_points: {main: {parameters: {n: {default: !!bool x}}, command: 'a {m}'}}", "is no parameter"),
        ("entry_points: {main: {parameters: {n: {default: !!int ''}}, command: 'a {m}'}}", "is no parameter"),
        ("entry_points: {main: {<<: {[b]: 1}, command: 'uv run'}}", "there is no uv"),
    ],
)
def test_what_mlflow_would_stumble_over_is_refused(faults, text, why):
    [found] = [one for one in faults({"MLproject": f"name: x\n{text}"}) if why in one]
    assert found.startswith("MLproject:")


def test_a_value_that_repeats_itself_a_milliard_times_is_refused_at_once(faults):
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 10))
    text = f"l0: &l0 x\n{levels}entry_points: {{main: {{parameters: {{i: {{default: *l9}}}}, command: 'a {{i}}'}}}}"
    assert any("has more than 1000 parts" in one for one in faults({"MLproject": text}))


def test_what_is_merged_may_merge_in_more_itself(faults):
    text = "x: &x {parameters: {a: {default: 1}}}\ny: &y {<<: *x}\nentry_points: {main: {<<: *y, command: 'c {a}'}}"
    assert faults({"MLproject": text}) == []


def test_a_chain_of_merges_may_have_any_length(faults):
    links = "".join(f"m{n}: &m{n} {{<<: *m{n - 1}}}\n" for n in range(1, 1500))
    text = f"m0: &m0 {{command: 'c {{a}}'}}\n{links}entry_points: {{main: {{<<: *m1499}}}}"
    [told] = faults({"MLproject": text})
    assert "holds {a}, which is no parameter" in told


def test_of_what_is_merged_the_first_counts_and_before_it_what_stands_there(faults):
    text = "x: &x {command: 'c {x}'}\ny: &y {command: 'c {y}', parameters: {n: {default: 1}}}\n"
    [told] = faults({"MLproject": f"{text}entry_points: {{main: {{<<: [*x, *y]}}}}"})
    assert "holds {x}, which is no parameter; there are n" in told
    assert faults({"MLproject": f"{text}entry_points: {{main: {{<<: [*x, *y], command: 'c {{n}}'}}}}"}) == []


def test_the_name_of_a_file_cannot_begin_a_line_of_the_output():
    assert "\n" not in str(Fault("a\n::error::b", 1, "", "is\nwrong"))


def test_another_entry_point_may_be_chosen_and_its_parameters_given(faults):
    text = "entry_points:\n  train:\n    parameters: {data: path, n: {default: 1}}\n    command: a {data} {n}\n"
    assert faults({"MLproject": text}, entry_point="train", given={"data"}) == []
    assert len(faults({"MLproject": text}, entry_point="train")) == 1
    assert faults({"MLproject": text, "run.sh": ""}, entry_point="run.sh") == []
    assert faults({"MLproject": text}, entry_point="run.sh")[0].startswith("MLproject:1: entry_points: has no run.sh")


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"python_env.yaml": "dependencies: [uv, mlflow]"}, "uv run train.py"),
        ({"python_env.yaml": "dependencies: [-r r.txt]", "r.txt": "uv==0.9"}, "uv run train.py"),
        ({"conda.yaml": "dependencies: [r-base=4]"}, "Rscript train.R"),
        ({}, "python train.py --tool uv run"),
        ({}, "jupyter nbconvert --execute a.ipynb"),
        ({"python_env.yaml": "dependencies: [-e .]", "setup.py": ""}, "uv run train.py"),
        ({"python_env.yaml": "build_dependencies: [uv]"}, "uv run train.py"),
        ({"conda.yaml": "dependencies: [r-caret]"}, "Rscript train.R"),
        ({}, "pip install uv && uv run train.py"),
        ({}, "python train.py --note 'a; uv is (conda ) ok'"),
        ({}, "\n" * 60_000 + "python train.py"),
    ],
)
def test_a_program_that_the_environment_brings_is_there(faults, files, command):
    assert faults({"MLproject": f"entry_points: {{main: {{command: {command}}}}}", **files}) == []


def test_requirements_that_mlflow_does_not_read_are_noted():
    [note] = read({"MLproject": MAIN, "requirements.txt": "numpy"}).notes
    assert note.startswith("MLflow does not read requirements.txt by itself")
    files = {"MLproject": MAIN, "requirements.txt": "x", "python_env.yaml": "dependencies: [-r requirements.txt]"}
    assert read(files).notes == ()


def test_a_folder_is_read_as_a_commit_is(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "MLproject").write_text(MAIN)
    (tmp_path / "deep" / "x.txt").write_text("x")
    (tmp_path / "deep" / "link").symlink_to("x.txt")
    (tmp_path / "out").symlink_to("/etc/hostname")
    (tmp_path / "loop").symlink_to("loop")
    files = FolderFiles(tmp_path)
    assert files.names == ("MLproject", "deep/link", "deep/x.txt", "loop", "out")
    assert [files.read(name) for name in ("deep/link", "out", "loop", "none")] == [b"x", None, None, None]
    assert read_files(files).entry_points["main"].command == "python train.py"


def test_files_behind_links_to_folders_and_names_that_begin_with_dots_are_in_the_folder(tmp_path):
    (tmp_path / "..data").mkdir()
    (tmp_path / "conf").symlink_to("..data")
    (tmp_path / "..data" / "env.yaml").write_text("python: '3.12'\ndependencies: [-r conf/r.txt, -r ..data/r.txt]\n")
    (tmp_path / "..data" / "r.txt").write_text("pandas\n")
    for written in ("conf/env.yaml", "..data/env.yaml"):
        (tmp_path / "MLproject").write_text(f"python_env: {written}\n{MAIN}")
        environment = read_project(FolderFiles(tmp_path)).environment
        assert (environment.python, environment.lines.requirements) == ("3.12", ("pandas", "pandas"))


def test_merged_keys_are_read_as_yaml_means_them():
    text = "x: &x\n  parameters: {n: {default: 1}}\nentry_points:\n  main:\n    <<: *x\n    command: a {n}\n"
    assert read({"MLproject": text}).entry_points["main"].parameters["n"].default == "1"


def test_an_alias_that_holds_itself_ends(faults):
    text = "entry_points: &e\n  <<: *e\n  main: {command: a}\n"
    assert faults({"MLproject": text}) == []
    with pytest.raises(ProjectInvalid):
        read({"MLproject": "entry_points: &e {main: *e}\n"})
