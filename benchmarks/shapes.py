"""What holding requests against AWS's models costs the sandbox, beside what a call takes without it.

    make bench

Calls of each protocol through the sandbox's application, in one process and without a network, in turn with the check
and without (A B, A B, ...), so that a machine whose speed drifts treats both alike.
"""

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402

from reconciler.sandbox.aws.faults.calls import Request  # noqa: E402
from reconciler.sandbox.aws.http import Answer, run  # noqa: E402
from reconciler.sandbox.aws.shapes import model  # noqa: E402
from reconciler.sandbox.aws.shapes.check import differences  # noqa: E402
from reconciler.sandbox.aws.shapes.decode import parameters  # noqa: E402
from support.wire import sent  # noqa: E402

ROUNDS = 60
ROLE = "arn:aws:iam::123456789012:role/any"
VARIANT = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "JSON": ("sagemaker", "CreateEndpointConfig", {"EndpointConfigName": "a", "ProductionVariants": [VARIANT]}),
    "query": ("iam", "GetRole", {"RoleName": "any"}),
    "EC2": ("ec2", "DescribeSubnets", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}),
    "REST and JSON": ("batch", "DescribeJobQueues", {"jobQueues": ["a", "b"]}),
    "REST and XML": ("route53", "ListHostedZones", {}),
    "S3": ("s3", "ListObjectsV2", {"Bucket": "any", "Prefix": "a/"}),
    "CBOR": ("cloudwatch", "DescribeAlarms", {"AlarmNamePrefix": "a"}),
}


def microseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e6


def main() -> None:
    moto = DomainDispatcherApplication(create_backend_app)
    print(f"{'':16}{'moto alone':>14}{'members read':>14}{'and checked':>14}   microseconds, median of {ROUNDS} rounds")
    for name, (service, operation, members) in CALLS.items():
        described = model.operation(service, operation)
        assert described
        request = sent(described, members)
        rounds = [measured(moto, request) for _ in range(ROUNDS + 1)][1:]
        answered, read, checked = (statistics.median(one) for one in zip(*rounds, strict=True))
        print(f"{name:16}{answered:14.0f}{read:14.0f}{checked:14.0f}   {checked / answered:.1%} of the call")


def measured(moto: Any, request: Request) -> tuple[float, float, float]:
    def answer() -> Answer:
        return run(moto, environ(request))

    return microseconds(answer), microseconds(lambda: parameters(request)), microseconds(lambda: differences(request))


def environ(request: Request) -> dict[str, Any]:
    return {
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "CONTENT_LENGTH": str(len(request.body)),
        **request.environ,
    }


if __name__ == "__main__":
    main()
