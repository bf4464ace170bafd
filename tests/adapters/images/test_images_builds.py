"""What builders say is kept on this machine, without secrets, and found again."""

from datetime import UTC, datetime

import pytest

from reconciler.adapters.images.builds import KEPT, UNENDED, WELL, LocalBuilds, RememberedImages
from reconciler.core.observed import ModelVersion, StoredImage
from reconciler.core.redaction import Redactor
from reconciler.errors import BuildFailed

TRAINING, MODEL = "acme-test/churn/training", "acme-test/churn/model"
BOTH = (TRAINING, MODEL)
V3 = ModelVersion(3, "run-3")


class Builder:
    """Says what a test says, and fails where it is told to."""

    def __init__(self, *lines: str, error: BaseException | None = None) -> None:
        self._lines = lines
        self._error = error

    def tags(self, repository):
        return frozenset({repository})

    def stored(self, repository):
        return {repository: StoredImage("sha256:0")}

    def build_training(self, source, image, say):
        for line in self._lines:
            say(line)
        if self._error:
            raise self._error

    def build_model(self, model, version, image, check, say):
        self.build_training(None, image, say)

    def build_server(self, image, say):
        self.build_training(None, image, say)


def image(repository: str, tag: str) -> str:
    return f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{repository}:{tag}"


def remembered(folder, *lines, error=None, redact=str) -> RememberedImages:
    return RememberedImages(Builder(*lines, error=error), folder, redact)


def test_the_newest_build_is_found_with_everything_that_was_said_and_how_it_ended(tmp_path):
    said = []
    remembered(tmp_path, "older").build_training(tmp_path, image(TRAINING, "0a1b2c"), said.append)
    before = datetime.now(UTC)
    remembered(tmp_path, "step 1", "step 2").build_model("churn", V3, image(MODEL, "v3"), lambda: None, said.append)
    found = LocalBuilds(tmp_path).newest(BOTH)
    assert said == ["older", "step 1", "step 2"]
    assert (found.image, found.lines) == (f"{MODEL}:v3", ("step 1", "step 2", WELL))
    assert abs((datetime.fromisoformat(found.began) - before).total_seconds()) < 5
    assert LocalBuilds(tmp_path).newest((TRAINING,)).lines == ("older", WELL)


def test_a_build_that_fails_ends_with_the_reason_and_fails_all_the_same(tmp_path):
    images = remembered(tmp_path, "step 1", error=BuildFailed("pip found no such package", "mend it"))
    with pytest.raises(BuildFailed, match="no such package"):
        images.build_server(image("acme-test/mlflow-server", "0a1b"), lambda _line: None)
    found = LocalBuilds(tmp_path).newest(("acme-test/mlflow-server",))
    assert found.lines == ("step 1", "the build failed: pip found no such package")


def test_a_build_that_was_cut_short_is_told_to_have_no_end(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        remembered(tmp_path, "step 1", error=KeyboardInterrupt()).build_training(tmp_path, image(TRAINING, "a"), print)
    assert LocalBuilds(tmp_path).newest(BOTH).lines == ("step 1", UNENDED)


def test_no_secret_is_kept(tmp_path):
    redact = Redactor.of({"PIP_TOKEN": "canary-of-pip"})
    error = BuildFailed("https://user:canary-of-pip@pypi.example failed")
    with pytest.raises(BuildFailed):
        remembered(tmp_path, "token canary-of-pip", error=error, redact=redact).build_training(
            tmp_path, image(TRAINING, "a"), lambda _line: None
        )
    [kept] = tmp_path.rglob("*.log")
    assert "canary" not in kept.read_text()
    assert len(kept.read_text().splitlines()) == 2


def test_of_one_repository_only_the_newest_builds_stay(tmp_path):
    for number in range(KEPT + 3):
        remembered(tmp_path, f"{number}").build_training(tmp_path, image(TRAINING, f"t{number}"), print)
    remembered(tmp_path, "other").build_model("churn", V3, image(MODEL, "v1"), lambda: None, print)
    kept = sorted(path.name.partition("_")[2] for path in (tmp_path / TRAINING).iterdir())
    assert kept == [f"t{number}.log" for number in range(3, KEPT + 3)]
    assert len(list((tmp_path / MODEL).iterdir())) == 1


def test_where_nothing_was_built_there_is_no_log_and_what_somebody_else_put_there_is_left_alone(tmp_path):
    assert LocalBuilds(tmp_path / "nowhere").newest(BOTH) is None
    (tmp_path / TRAINING).mkdir(parents=True)
    theirs = tmp_path / TRAINING / "notes_of_mine.log"
    theirs.write_text("mine")
    assert LocalBuilds(tmp_path).newest(BOTH) is None
    for number in range(KEPT + 1):
        remembered(tmp_path, "x").build_training(tmp_path, image(TRAINING, f"t{number}"), print)
    assert theirs.read_text() == "mine"


def test_a_log_that_cannot_be_kept_keeps_nobody_from_building(tmp_path):
    (tmp_path / "file").write_text("")
    said = []
    remembered(tmp_path / "file", "step 1").build_training(tmp_path, image(TRAINING, "a"), said.append)
    assert said == [f"this build's log is not kept: Not a directory ({tmp_path / 'file'})", "step 1"]


def test_what_is_in_the_registry_is_asked_of_the_registry(tmp_path):
    images = remembered(tmp_path)
    assert (images.tags("r"), images.stored("r")) == (frozenset({"r"}), {"r": StoredImage("sha256:0")})
