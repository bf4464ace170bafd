"""EC2: what security group rules say of themselves, and tags that are a launch template's own."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses import EC2Response

from reconciler.sandbox.aws.patches import Patches

_create_template = EC2Backend.create_launch_template
_modify = EC2Response.modify_security_group_rules


def description(rule: Any) -> str | None:
    """Moto tells it of rules for addresses only, and not of those for other security groups."""
    found: str | None = rule.ip_range.get("Description") or rule.source_group.get("Description")
    return found


def modify_security_group_rules(self: Any) -> ActionResult:
    """Moto drops the description of rules for other security groups."""
    answer = _modify(self)
    group = self.ec2_backend.get_security_group_by_name_or_id(self._get_param("GroupId"))
    for change in self._get_param("SecurityGroupRules", []):
        rule, wanted = group.get_rule(change["SecurityGroupRuleId"]), change["SecurityGroupRule"]
        if rule.source_group:
            rule.source_group["Description"] = wanted.get("Description", "")
    return answer


def create_launch_template(
    self: Any, name: str, description: str, data: dict[str, Any], tag_spec: dict[str, dict[str, str]]
) -> Any:  # moto's own object
    """Moto takes a template's own tags for tags of what is started from it."""
    tags = [one for one in data.get("TagSpecifications") or () if one["ResourceType"] != "launch-template"]
    others = {key: value for key, value in data.items() if key != "TagSpecifications"}
    return _create_template(
        self, name, description, {**others, "TagSpecifications": tags} if tags else others, tag_spec
    )


def tags(template: Any) -> list[dict[str, str]]:
    """Moto tells a template's first ones for ever."""
    now: list[dict[str, str]] = template.get_tags()
    return now


def _keep_none(template: Any, first: list[dict[str, str]]) -> None:
    """Moto sets them once, when the template is made."""


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.attribute(SecurityGroupRule, "description", property(description))
    patches.operations(EC2Response, modify_security_group_rules)
    patches.attribute(LaunchTemplate, "tags", property(tags, _keep_none))
    patches.operations(EC2Backend, create_launch_template)
