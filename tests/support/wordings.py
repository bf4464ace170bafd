"""What AWS says, as its services answer it: each is understood alike whether boto3, Terraform or SageMaker says it.

The wordings are AWS's own, from the sources that the table in `reconciler/core/reasons.py` names for them.
"""

from dataclasses import dataclass

from reconciler.core.blame import Blame

ROLE = "arn:aws:iam::123456789012:role/acme-prod-churn-endpoint"
SIGN_IN, CAPACITY, QUOTA, AGAIN = (
    "aws sso login",
    "AWS has none left for now",
    "Service Quotas",
    "the next run tries again",
)


@dataclass(frozen=True, slots=True)
class Said:
    """An error code and its message, and what is right to make of it."""

    code: str
    message: str
    blame: Blame
    remedy: str
    """A part of it."""
    says: str = ""
    """A part of what we say before AWS."""

    @property
    def text(self) -> str:
        return f"{self.code}: {self.message}" if self.code else self.message

    @property
    def of_terraform(self) -> str:
        """As the provider of Terraform tells it."""
        answered = "https response error StatusCode: 400, RequestID: 5a6b"
        return f"updating it: operation error SageMaker: UpdateEndpoint, {answered}, api error {self.text}".strip()


CALLER = (
    *(
        Said(code, "The provided token has expired.", Blame.CALLER, SIGN_IN, "the AWS credentials have expired")
        for code in ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
    ),
    Said(
        "UnknownError",
        "the security token included in the request is expired",
        Blame.CALLER,
        SIGN_IN,
        "the AWS credentials have expired",
    ),
    Said("", "the SSO session has expired or is invalid", Blame.CALLER, SIGN_IN, "have expired"),
    Said("", "No valid credential sources found", Blame.CALLER, SIGN_IN, "no usable AWS credentials"),
    *(
        Said(code, "The key is not known.", Blame.CALLER, SIGN_IN, "does not accept the credentials")
        for code in (
            "AuthFailure",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidToken",
            "UnrecognizedClientException",
            "InvalidSignatureException",
        )
    ),
    Said(
        "SignatureDoesNotMatch",
        "Signature not yet current: 20260101T120000Z is still later than 20260101T115000Z",
        Blame.CALLER,
        "set the clock right",
        "this machine's clock",
    ),
    Said(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match",
        Blame.CALLER,
        SIGN_IN,
        "does not accept the credentials",
    ),
    Said("RequestTimeTooSkewed", "The difference is too large.", Blame.CALLER, "set the clock right", "clock"),
    Said("RequestInTheFuture", "", Blame.CALLER, "set the clock right", "clock"),
    Said(
        "",
        'request send failed, Post "https://iam.amazonaws.com/": dial tcp: lookup iam.amazonaws.com: no such host',
        Blame.CALLER,
        "check the network",
        "AWS did not answer",
    ),
)
ROLES = (
    Said(
        "ValidationException",
        f"Could not assume role {ROLE}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role.",
        Blame.ROLE,
        "look at its trust policy",
    ),
)
THROTTLED = (
    *(
        Said(code, "Rate exceeded", Blame.AWS, "--parallelism", "AWS throttled ")
        for code in (
            "BandwidthLimitExceeded",
            "EC2ThrottledException",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
            "TransactionInProgressException",
        )
    ),
    Said("", "CannotPullECRContainerError: Rate exceeded", Blame.AWS, "--parallelism", "AWS throttled "),
)
CAPACITY_GONE = (
    Said("InsufficientInstanceCapacity", "We do not have sufficient p3.", Blame.AWS, CAPACITY),
    Said("", "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - there is none", Blame.AWS, CAPACITY),
    Said("", "Insufficient capacity", Blame.AWS, CAPACITY),
    Said("InsufficientCapacityException", "", Blame.AWS, CAPACITY),
    Said("InsufficientHostCapacity", "There is not enough capacity on the host.", Blame.AWS, CAPACITY),
    Said("CapacityError", "There is none.", Blame.AWS, CAPACITY),
    Said(
        "CapacityError",
        "Unable to provision requested ML compute capacity. Please retry using a different ML instance type.",
        Blame.AWS,
        CAPACITY,
    ),
)
QUOTAS = (
    Said("ResourceLimitExceeded", "whatever it says", Blame.ACCOUNT, QUOTA),
    Said(
        "",
        "The account-level service limit 'ml.g5.xlarge for endpoint usage' is 0 Instances, with current utilization of "
        "0 Instances and a request delta of 1 Instances.",
        Blame.ACCOUNT,
        QUOTA,
    ),
    *(
        Said(code, "You have as many as you may.", Blame.ACCOUNT, QUOTA)
        for code in (
            "LimitExceeded",
            "LimitExceededException",
            "ServiceQuotaExceededException",
            "InstanceLimitExceeded",
            "VcpuLimitExceeded",
            "MaxSpotInstanceCountExceeded",
        )
    ),
)
ELSEWHERE = "the bucket is in eu-west-1, and was asked for in us-east-1"
REGIONS = (
    Said(
        "AuthorizationHeaderMalformed",
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
        Blame.ACCOUNT,
        "the bucket's region",
        ELSEWHERE,
    ),
    Said(
        "",
        'Unable to list objects in S3 bucket "acme-tfstate" with prefix "env:/": '
        'requested bucket from "us-east-1", actual location "eu-west-1"',
        Blame.ACCOUNT,
        "the bucket's region",
        ELSEWHERE,
    ),
    Said(
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all "
        "future requests to this endpoint.",
        Blame.ACCOUNT,
        "the bucket's region",
        "the bucket is in another region",
    ),
    Said(
        "IllegalLocationConstraintException",
        "The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.",
        Blame.ACCOUNT,
        "the bucket's region",
        "the bucket is in eu-west-1",
    ),
    Said(
        "BucketRegionError",
        "incorrect region, the bucket is not in 'us-east-1' region at endpoint ''",
        Blame.ACCOUNT,
        "the bucket's region",
        "was asked for in us-east-1",
    ),
    Said("TemporaryRedirect", "Please re-send this request.", Blame.AWS, AGAIN),
    Said("NoSuchBucket", "The specified bucket does not exist", Blame.ACCOUNT, "create the state bucket"),
    Said("", "S3 bucket does not exist", Blame.ACCOUNT, "create the state bucket"),
)
KEY = "in its policy and in the key's own"
KEYS = (
    Said(
        "AccessDenied",
        "User: arn:aws:sts::1:assumed-role/acme-prod-apply/ci is not authorized to perform: kms:GenerateDataKey on "
        "resource: arn:aws:kms:eu-west-1:1:key/4711 because no identity-based policy allows it",
        Blame.ACCOUNT,
        f"allow the role acme-prod-apply kms:GenerateDataKey on arn:aws:kms:eu-west-1:1:key/4711, {KEY}",
    ),
    Said(
        "AccessDeniedException",
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are "
        "not allowed to access.",
        Blame.ACCOUNT,
        f"kms:Decrypt and kms:GenerateDataKey, {KEY}",
    ),
    Said("", "AccessDenied to KMS key", Blame.ACCOUNT, KEY),
    Said("KMSAccessDeniedException", "", Blame.ACCOUNT, KEY),
    Said("KMSDisabledException", "", Blame.ACCOUNT, KEY),
    Said("KMSInvalidStateException", "", Blame.ACCOUNT, KEY),
    Said("KMS.DisabledException", "", Blame.ACCOUNT, KEY),
)
DENIED = (
    Said(
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:assumed-role/acme-prod-apply/ci is not authorized to perform: "
        "sagemaker:UpdateEndpoint on resource: arn:aws:sagemaker:eu-west-1:123456789012:endpoint/acme-prod-churn "
        "because no identity-based policy allows the sagemaker:UpdateEndpoint action",
        Blame.ACCOUNT,
        "allow the role acme-prod-apply sagemaker:UpdateEndpoint on "
        "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/acme-prod-churn",
        "access denied to ",
    ),
    Said(
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
        "application-autoscaling:DeregisterScalableTarget",
        Blame.ACCOUNT,
        "allow the role that you use application-autoscaling:DeregisterScalableTarget",
        "access denied to ",
    ),
    Said(
        "AccessDenied",
        "User: arn:aws:iam::1:user/ann is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/x "
        "with an explicit deny in a service control policy",
        Blame.ACCOUNT,
        "denies it explicitly",
        "access denied to ",
    ),
    *(
        Said(code, "It may not be done.", Blame.ACCOUNT, "allow the role that you use ", "access denied to ")
        for code in ("AccessDenied", "NotAuthorized", "UnauthorizedOperation", "AuthorizationError")
    ),
    Said("OptInRequired", "You are not subscribed to this service.", Blame.ACCOUNT, "enable the service"),
)
DOWN = (
    Said("ServiceUnavailable", "Please try again.", Blame.AWS, AGAIN),
    Said("ServiceUnavailableException", "", Blame.AWS, AGAIN),
    Said("", "Service Unavailable", Blame.AWS, AGAIN),
    Said("InternalFailure", "", Blame.AWS, AGAIN),
    Said("InternalError", "We encountered an internal error. Please try again.", Blame.AWS, AGAIN),
    Said("", "An internal server error occurred", Blame.AWS, AGAIN),
    Said("InternalServerError", "", Blame.AWS, AGAIN),
    Said("ServerException", "", Blame.AWS, AGAIN),
)
UNKNOWN = (
    Said("SomethingNew", "Colourless green ideas sleep furiously.", Blame.NOBODY, ""),
    Said("ValidationException", "Something about a role, an image and a health check.", Blame.NOBODY, ""),
    Said("ValidationException", "The model acme-tooManyRequestsHandler is 4031 bytes", Blame.NOBODY, ""),
)
SAID = (
    *CALLER,
    *ROLES,
    *THROTTLED,
    *CAPACITY_GONE,
    *QUOTAS,
    *REGIONS,
    *KEYS,
    *DENIED,
    *DOWN,
    *UNKNOWN,
)
