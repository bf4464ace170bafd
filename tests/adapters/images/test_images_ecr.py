import json

import pytest
from botocore.stub import Stubber

from reconciler.adapters.images import ecr
from reconciler.adapters.images.ecr import Address, Blob
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


def test_tags_beyond_the_first_page_are_found(aws):
    client = aws.client("ecr")
    request = {"repositoryName": "churn", "filter": {"tagStatus": "TAGGED"}}
    first = {"imageIds": [{"imageTag": "v1", "imageDigest": "sha256:1"}], "nextToken": "more"}
    second = {"imageIds": [{"imageTag": "v2", "imageDigest": "sha256:2"}, {"imageDigest": "sha256:3"}]}
    with Stubber(client) as stub:
        stub.add_response("list_images", first, request)
        stub.add_response("list_images", second, {**request, "nextToken": "more"})
        assert ecr.digests(aws, "churn") == {"v1": "sha256:1", "v2": "sha256:2"}


def test_a_failed_read_is_never_an_empty_answer(aws):
    with Stubber(aws.client("ecr")) as stub:
        stub.add_client_error("list_images", "AccessDeniedException", "not you")
        with pytest.raises(ReadFailed, match="could not read the images of ECR repository churn"):
            ecr.tags(aws, "churn")


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
