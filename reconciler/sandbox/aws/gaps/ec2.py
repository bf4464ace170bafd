"""EC2: what security group rules say of themselves."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses import EC2Response

from reconciler.sandbox.aws.patches import Patches

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


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.attribute(SecurityGroupRule, "description", property(description))
    patches.operations(EC2Response, modify_security_group_rules)
