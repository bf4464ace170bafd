"""moto's SageMaker with endpoints that live."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from moto.core.utils import camelcase_to_underscores, utcnow
from moto.sagemaker import models, urls
from moto.sagemaker.exceptions import ValidationError

from reconciler.sandbox.aws.sagemaker import roles
from reconciler.sandbox.aws.sagemaker.alarms import guarding
from reconciler.sandbox.aws.sagemaker.deployments import refusal
from reconciler.sandbox.aws.sagemaker.endpoint import Deployment, LocalEndpoint, Place
from reconciler.sandbox.aws.sagemaker.hosting import Hosting
from reconciler.sandbox.aws.sagemaker.variants import Release, release, resize, retain

Tags = Sequence[Mapping[str, str]] | None


class LocalSageMaker(models.SageMakerModelBackend):  # type: ignore[misc]  # moto's classes are untyped here
    """Set as the backend class before the first request."""

    _url_module = urls
    hosting: ClassVar[Hosting]
    endpoints: dict[str, LocalEndpoint]

    def create_model(self, model_name: str, **details: Any) -> Any:
        """Moto overwrites a model of the same name, and answers empty blocks that Terraform takes for changes."""
        _refuse_duplicate(self._models, model_name, "model")
        _refuse(roles.refusal_of_model(details["execution_role_arn"]))
        return without_empty_blocks(super().create_model(model_name=model_name, **details))

    def create_endpoint_config(self, endpoint_config_name: str, **details: Any) -> Any:
        """As for models."""
        _refuse_duplicate(self.endpoint_configs, endpoint_config_name, "endpoint configuration")
        return without_empty_blocks(
            super().create_endpoint_config(endpoint_config_name=endpoint_config_name, **details)
        )

    def describe_model(self, model_name: str) -> Any:
        """In SageMaker's words."""
        with _as_aws_quotes():
            return super().describe_model(model_name)

    def delete_model(self, model_name: str) -> None:
        """In SageMaker's words."""
        with _as_aws_quotes():
            super().delete_model(model_name)

    def describe_endpoint_config(self, endpoint_config_name: str) -> dict[str, Any]:
        """In SageMaker's words."""
        with _as_aws_quotes():
            described: dict[str, Any] = super().describe_endpoint_config(endpoint_config_name)
            return described

    def delete_endpoint_config(self, endpoint_config_name: str) -> None:
        """In SageMaker's words."""
        with _as_aws_quotes():
            super().delete_endpoint_config(endpoint_config_name)

    def describe_endpoint(self, endpoint_name: str) -> dict[str, Any]:
        """In SageMaker's words."""
        with _as_aws_quotes():
            described: dict[str, Any] = super().describe_endpoint(endpoint_name)
            return described

    def start_endpoint(self, name: str, config_name: str, deployment: Deployment, tags: Tags) -> LocalEndpoint:
        """CreateEndpoint."""
        _refuse_duplicate(self.endpoints, name, "endpoint")
        place = Place(self.account_id, self.region_name)
        first = self._release(config_name)
        _refuse_deployment(deployment, first)
        endpoint = LocalEndpoint(place, name, first, deployment, tags or [])
        self.endpoints[name] = endpoint
        self.hosting.create(endpoint)
        return endpoint

    def update_endpoint(
        self, name: str, config_name: str, deployment: Deployment, retained: Iterable[str] | None
    ) -> LocalEndpoint:
        """UpdateEndpoint. `retained` names the variant properties to overwrite; None overwrites them all."""
        endpoint = self._settled_endpoint(name)
        if endpoint.endpoint_status == "Failed":
            raise ValidationError(f'Cannot update endpoint "{endpoint.arn}": its creation failed, delete it instead.')
        self.describe_endpoint_config(endpoint.endpoint_config_name)  # AWS refuses as well when it was deleted
        fresh = self._release(config_name)
        _refuse_deployment(deployment, fresh)
        _refuse(roles.refusal_of_alarms(fresh, self.region_name, guarding(self.region_name, deployment)))
        fresh = fresh if retained is None else retain(fresh, endpoint.release, retained)
        endpoint.begin(fresh, deployment)
        self.hosting.update(endpoint, fresh)
        return endpoint

    def delete_endpoint(self, endpoint_name: str) -> None:
        """Its processes end first."""
        endpoint = self._settled_endpoint(endpoint_name)
        endpoint.go("Deleting")
        self.hosting.delete(endpoint, lambda: self.endpoints.pop(endpoint_name, None))

    def update_endpoint_weights_and_capacities(
        self, endpoint_name: str, desired_weights_and_capacities: Iterable[Mapping[str, Any]]
    ) -> str:
        """Moto forgets the count when only the weight is given, and the other way round."""
        endpoint = self._settled_endpoint(endpoint_name)
        try:
            endpoint.settle(resize(endpoint.release, desired_weights_and_capacities))
        except RuntimeError as problem:
            raise ValidationError(str(problem)) from problem
        return str(endpoint.arn)

    def add_tags(self, arn: str, tags: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
        """Moto keeps the old value beside the new one."""
        resource = self._get_resource_from_arn(arn)
        added = {tag["Key"] for tag in tags}
        resource.tags = [*(tag for tag in resource.tags if tag["Key"] not in added), *tags]
        return list(resource.tags)

    def resume_endpoints(self) -> None:
        """Bring up what a former process served."""
        for name, endpoint in list(self.endpoints.items()):
            match endpoint.endpoint_status:
                case "Failed":
                    continue
                case "Deleting":
                    del self.endpoints[name]
                case "Creating":
                    self.hosting.create(endpoint)
                case _:
                    endpoint.go("SystemUpdating")
                    self.hosting.resume(endpoint)

    def _settled_endpoint(self, name: str) -> LocalEndpoint:
        self.describe_endpoint(name)
        endpoint = self.endpoints[name]
        if endpoint.in_progress:
            raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        return endpoint

    def _release(self, config_name: str) -> Release:
        self.describe_endpoint_config(config_name)
        try:
            return release(self.endpoint_configs[config_name], self._models, utcnow())
        except RuntimeError as problem:
            raise ValidationError(str(problem)) from problem


@contextmanager
def _as_aws_quotes() -> Iterator[None]:
    """Moto says 'x' where SageMaker says "x".

    https://github.com/aws/amazon-sagemaker-examples/issues/2402 (endpoints) and 2339 (their configurations)
    """
    try:
        yield
    except ValidationError as problem:
        raise ValidationError(str(problem.message).replace("'", '"')) from problem


def keep(resource: Any, sent: Mapping[str, Any]) -> None:  # resource is moto's own object
    """Have a resource describe what moto would forget: it tells every attribute in AWS's spelling."""
    for name, value in sent.items():
        setattr(resource, camelcase_to_underscores(name), value)


def without_empty_blocks(resource: Any) -> Any:  # moto's own object
    """Nothing instead of `{}` and `[]`, save for tags."""
    for name, value in vars(resource).items():
        if value in ({}, []) and name != "tags":
            setattr(resource, name, None)
    return resource


def _refuse_deployment(deployment: Deployment, wanted: Release) -> None:
    _refuse(refusal(deployment, serverless=wanted.serverless))


def _refuse(why: str) -> None:
    if why:
        raise ValidationError(why)


def _refuse_duplicate(existing: Mapping[str, Any], name: str, kind: str) -> None:
    if name in existing:
        arn = getattr(existing[name], "endpoint_config_arn", existing[name].arn)
        raise ValidationError(f'Cannot create already existing {kind} "{arn}".')
