"""Every service: an operation that moto lacks, and web pages that must not reach the sandbox."""

import json
from typing import Any

from moto.core.responses import BaseResponse
from moto.moto_server import werkzeug_app

from reconciler.sandbox.aws.patches import Patches

CODE = "NotImplemented"
FORM = "application/x-www-form-urlencoded"

_call_action = BaseResponse.call_action


def call_action(self: Any) -> tuple[int, dict[str, str], str]:
    """Answer 501 where moto answers 500, which Terraform's provider takes for an outage and retries 25 times."""
    try:
        answer: tuple[int, dict[str, str], str] = _call_action(self)
    except NotImplementedError as problem:
        is_xml = self.headers.get("Content-Type", "").startswith(FORM)
        body, content_type = _xml(self.service_name, str(problem)) if is_xml else _json(str(problem))
        return 501, {"Content-Type": content_type, "x-amzn-errortype": CODE}, body
    return answer


def _json(message: str) -> tuple[str, str]:
    return json.dumps({"__type": CODE, "message": message}), "application/x-amz-json-1.1"


def _xml(service: str, message: str) -> tuple[str, str]:
    error = f"<Error><Code>{CODE}</Code><Message>{message}</Message></Error>"
    if service == "ec2":
        return f"<Response><Errors>{error}</Errors></Response>", "text/xml"
    return f"<ErrorResponse>{error}</ErrorResponse>", "text/xml"


def install(patches: Patches) -> None:
    """Put this in the place of moto's, which also lets every web page in the world call it."""
    patches.operations(BaseResponse, call_action)
    patches.attribute(werkzeug_app, "DISABLE_GLOBAL_CORS", value=True)
