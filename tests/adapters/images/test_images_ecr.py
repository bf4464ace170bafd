import json
import time
from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from reconciler.adapters.images import ecr
from reconciler.adapters.images.ecr import Address, Blob
from reconciler.core.observed import StoredImage
from reconciler.errors import AwsFailed, BuildFailed, ReadFailed

LAYER = Blob("sha256:" + "a" * 64, 10)
CONFIG = Blob("sha256:" + "b" * 64, 2)


def test_an_address_has_three_parts_and_reads_as_before():
    address = ecr.parse("123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/model:v3")
    assert address == Address("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "acme-prod/churn/model", "v3")
    assert str(address) == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/model:v3"


@pytest.mark.parametrize("image", ["", "churn", "host/churn", "host/:tag", "host/churn:", "churn:v1"])
def test_what_is_no_address_is_refused(image):
    with pytest.raises(BuildFailed, match="is no address of an image"):
        ecr.parse(image)


def test_a_repository_that_does_not_exist_holds_no_tags(aws):
    assert ecr.tags(aws, "acme-prod/none/model") == frozenset()


def test_every_tag_is_found_and_untagged_images_are_left_out(aws, repository):
    for number in range(3):
        layer = Blob(f"sha256:{number:064d}", 1)
        for tag in (f"v{number}", f"again-{number}"):
            ecr.put(aws, Address("r", repository, tag), layer, CONFIG)
    assert ecr.tags(aws, repository) == {f"{name}{number}" for name in ("v", "again-") for number in range(3)}


REQUEST = {"repositoryName": "churn", "filter": {"tagStatus": "TAGGED"}}


def test_tags_beyond_the_first_page_are_found(aws):
    first = {"imageIds": [{"imageTag": "v1", "imageDigest": "sha256:1"}], "nextToken": "more"}
    second = {"imageIds": [{"imageTag": "v2", "imageDigest": "sha256:2"}, {"imageDigest": "sha256:3"}]}
    with Stubber(aws.client("ecr")) as stub:
        stub.add_response("list_images", first, REQUEST)
        stub.add_response("list_images", second, {**REQUEST, "nextToken": "more"})
        assert ecr.tags(aws, "churn") == {"v1", "v2"}


def test_each_tag_tells_which_image_it_is_and_when_that_was_pushed(aws):
    pushed = datetime(2026, 1, 1, tzinfo=UTC)
    first = {"imageDetails": [{"imageTags": ["v1", "one"], "imageDigest": "sha256:1", "imagePushedAt": pushed}]}
    second = {"imageDetails": [{"imageDigest": "sha256:2", "imagePushedAt": pushed}]}
    with Stubber(aws.client("ecr")) as stub:
        stub.add_response("describe_images", {**first, "nextToken": "more"}, REQUEST)
        stub.add_response("describe_images", second, {**REQUEST, "nextToken": "more"})
        image = StoredImage("sha256:1", 1_767_225_600.0)
        assert ecr.stored(aws, "churn") == {"v1": image, "one": image}


def test_an_image_that_was_put_is_described_with_its_digest_and_time(aws, repository):
    before = time.time()
    ecr.put(aws, Address("r", repository, "v1"), LAYER, CONFIG)
    (found,) = ecr.stored(aws, repository).values()
    assert found.digest.startswith("sha256:")
    assert int(before) <= found.pushed <= time.time()
    assert ecr.stored(aws, "acme-prod/none/model") == {}


@pytest.mark.parametrize(("read", "operation"), [(ecr.tags, "list_images"), (ecr.stored, "describe_images")])
def test_a_failed_read_is_never_an_empty_answer(read, operation, aws):
    with Stubber(aws.client("ecr")) as stub:
        stub.add_client_error(operation, "AccessDeniedException", "not you")
        with pytest.raises(ReadFailed, match="could not read the images of ECR repository churn"):
            read(aws, "churn")


def test_a_put_image_is_found_again_with_its_layer(aws, repository):
    ecr.put(aws, Address("r", repository, "v1"), LAYER, CONFIG)
    found = aws.client("ecr").batch_get_image(repositoryName=repository, imageIds=[{"imageTag": "v1"}])
    manifest = json.loads(found["images"][0]["imageManifest"])
    assert (manifest["schemaVersion"], manifest["mediaType"]) == (2, ecr.MANIFEST_TYPE)
    assert [layer["digest"] for layer in manifest["layers"]] == [LAYER.digest]
    assert manifest["config"]["digest"] == CONFIG.digest


@pytest.mark.parametrize("layer", [LAYER, Blob("sha256:" + "c" * 64, 1)], ids=["same-content", "other-content"])
def test_a_taken_tag_stays_what_it_is(layer, aws, repository):
    address = Address("r", repository, "v1")
    ecr.put(aws, address, LAYER, CONFIG)
    before = aws.client("ecr").describe_images(repositoryName=repository)["imageDetails"]
    ecr.put(aws, address, layer, CONFIG)
    assert aws.client("ecr").describe_images(repositoryName=repository)["imageDetails"] == before


def test_a_put_that_aws_refuses_is_told(aws, repository):
    with Stubber(aws.client("ecr")) as stub:
        stub.add_client_error("put_image", "AccessDeniedException", "not you")
        with pytest.raises(AwsFailed, match="could not put the image r/acme"):
            ecr.put(aws, Address("r", repository, "v1"), LAYER, CONFIG)


def test_the_login_is_a_user_and_a_password(aws):
    user, password = ecr.login(aws)
    assert user == "AWS"
    assert password
