"""Parts of SageMaker's HTTP interface that moto leaves out."""

from functools import cache
from typing import Any

from botocore.session import get_session
from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeEndpointConfig
from moto.sagemaker.responses import SageMakerResponse

from reconciler.sandbox.aws.patches import Patches
from reconciler.sandbox.aws.sagemaker.backend import keep

FORGOTTEN_OF_MODELS = ("EnableNetworkIsolation", "InferenceExecutionConfig")
FORGOTTEN_OF_CONFIGS = (
    "EnableNetworkIsolation",
    "ExecutionRoleArn",
    "ExplainerConfig",
    "ShadowProductionVariants",
    "VpcConfig",
)

_create_model = SageMakerResponse.create_model
_create_endpoint_config = SageMakerResponse.create_endpoint_config


def create_model(self: Any) -> ActionResult:
    """Keep what moto forgets."""
    answer = _create_model(self)
    keep(self.sagemaker_backend._models[self._get_param("ModelName")], _sent(self, FORGOTTEN_OF_MODELS))
    return answer


def create_endpoint_config(self: Any) -> ActionResult:
    """Keep what moto forgets."""
    answer = _create_endpoint_config(self)
    config = self.sagemaker_backend.endpoint_configs[self._get_param("EndpointConfigName")]
    keep(config, _sent(self, FORGOTTEN_OF_CONFIGS))
    return answer


def create_endpoint(self: Any) -> ActionResult:
    """Moto drops the deployment configuration."""
    endpoint = self.sagemaker_backend.start_endpoint(
        self._get_param("EndpointName"),
        self._get_param("EndpointConfigName"),
        self._get_param("DeploymentConfig"),
        self._get_param("Tags"),
    )
    return ActionResult({"EndpointArn": endpoint.arn})


def update_endpoint(self: Any) -> ActionResult:
    """Moto has none."""
    name = self._get_param("EndpointName")
    excluded = [one["VariantPropertyType"] for one in self._get_param("ExcludeRetainedVariantProperties") or ()]
    endpoint = self.sagemaker_backend.update_endpoint(
        name,
        self._get_param("EndpointConfigName"),
        _deployment(self, name),
        excluded if self._get_param("RetainAllVariantProperties") else None,
    )
    return ActionResult({"EndpointArn": endpoint.arn})


def validate_instance_type(_: Any, instance_type: str) -> None:
    """Moto knows a list from years ago."""
    if instance_type not in _instance_types():
        raise ValidationError(
            f"1 validation error detected: Value '{instance_type}' at 'productionVariants.1.member.instanceType' "
            "failed to satisfy constraint: Member must satisfy enum value set of ProductionVariantInstanceType"
        )


@cache
def _instance_types() -> frozenset[str]:
    service = get_session().get_service_model("sagemaker")
    return frozenset(service.shape_for("ProductionVariantInstanceType").enum)


def _deployment(self: Any, name: str) -> Any:
    sent = self._get_param("DeploymentConfig")
    endpoint = self.sagemaker_backend.endpoints.get(name)
    return endpoint.deployment if endpoint and not sent and self._get_param("RetainDeploymentConfig") else sent


def _sent(self: Any, names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: self._get_param(name) for name in names}
    return {name: value for name, value in given.items() if value}


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.operations(SageMakerResponse, create_model, create_endpoint_config, create_endpoint, update_endpoint)
    patches.operations(FakeEndpointConfig, validate_instance_type)
