"""What AWS's answers mean: every code stands in AWS's own model, and what is in no row means nothing."""

import botocore.session
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from reconciler.adapters.aws import retries
from reconciler.adapters.aws.answers import TABLE, Meaning, Row, means
from reconciler.adapters.conflicts import SIGNS, Sign
from reconciler.core.reasons import Blame, row_of

NONSENSE = ("", "Whatever", "ValidationError", "ClientException", "403", "AccessDenied", "NotFound")


def model(service):
    return botocore.session.get_session().get_service_model(service)


def codes(shapes):
    return {shape.error_code for shape in shapes}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.service} {row.code} {row.meaning.name}")
def test_every_code_is_in_the_model_of_its_operations_or_has_its_source(row: Row):
    known = model(row.service)
    for operation in row.operations:
        declared = codes(known.operation_model(operation).error_shapes)  # raises for an operation that there is not
        assert row.source or row.code in declared, f"{row.service} {operation} declares {sorted(declared)}"


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"{sign.service} {sign.words}")
def test_every_code_of_a_conflict_is_in_the_model_of_its_service_or_has_its_source(sign: Sign):
    declared = codes(model(sign.service).error_shapes)
    assert sign.source or sign.code in declared, f"{sign.service} declares {sorted(declared)}"


def test_what_is_waited_for_as_throttled_is_what_botocore_takes_for_that():
    assert retries.TOO_MANY - {"429"} <= set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
    assert set(TransientRetryableChecker._TRANSIENT_ERROR_CODES) >= retries._TIMED_OUT


COMMON = [
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalFailure",
    "MalformedHttpRequestException",
    "NotAuthorized",
    "OptInRequired",
    "RequestAbortedException",
    "RequestEntityTooLargeException",
    "RequestExpired",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationError",
    "InvalidClientTokenId",
]
"""https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, and EC2's for the last one."""
OF_S3 = [
    "AccessDenied",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
]
"""https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
OF_EC2 = ["AuthFailure", "UnauthorizedOperation"]
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
OF_SNS = ["AuthorizationError"]
"""SNS's model: AuthorizationErrorException, of every operation."""
OF_SDKS = ["InvalidSignatureException", "RequestInTheFuture"]
"""What AWS's own SDKs look for: aws-sdk-js-v3, packages/service-error-classification."""


OF_NO_USE = {
    "MalformedHttpRequestException",
    "RequestAbortedException",
    "RequestEntityTooLargeException",
    "RequestTimeoutException",
    "UnknownOperationException",
    "ValidationError",
}
"""That a request was wrong, or cut off: nothing that a person could do."""


@pytest.mark.parametrize("code", [*COMMON, *OF_S3, *OF_EC2, *OF_SNS, *OF_SDKS])
def test_codes_that_every_service_may_answer_are_understood(code):
    assert (row_of(f"{code}: any words at all").blame is Blame.NOBODY) == (code in OF_NO_USE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.service} {row.code} {row.meaning.name}")
def test_a_code_means_what_its_row_says_of_its_operations_and_nothing_of_others(row: Row, fault):
    for operation in row.operations:
        assert means(fault(row.code, "any words at all", operation), row.meaning)
        for code in NONSENSE:
            assert not any(means(fault(code, "it does not exist, not found", operation), one) for one in Meaning)
    assert not any(means(fault(row.code, operation="ListThings"), one) for one in Meaning)


def test_no_answer_means_nothing():
    silent = EndpointConnectionError(endpoint_url="https://batch")
    assert not any(means(silent, meaning) for meaning in Meaning)
