"""What was added to single services, through boto3."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def test_a_role_keeps_what_an_update_does_not_name(shared_box: Any) -> None:
    iam = shared_box.client("iam")
    iam.create_role(RoleName="updated", AssumeRolePolicyDocument=TRUST, Description="old")
    iam.update_role(RoleName="updated", MaxSessionDuration=7200)
    iam.update_role(RoleName="updated", Description="new")
    role = iam.get_role(RoleName="updated")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("new", 7200)


def database(rds: Any, name: str) -> dict[str, Any]:
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        MasterUsername="mlflow",
        ManageMasterUserPassword=True,
        AllocatedStorage=20,
    )
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def test_every_database_has_an_id_of_its_own_by_which_it_is_found(shared_box: Any) -> None:
    rds = shared_box.client("rds")
    first, second = database(rds, "first"), database(rds, "second")
    wanted = [{"Name": "dbi-resource-id", "Values": [second["DbiResourceId"]]}]
    assert [one["DBInstanceIdentifier"] for one in rds.describe_db_instances(Filters=wanted)["DBInstances"]] == [
        "second"
    ]
    assert first["DbiResourceId"] != second["DbiResourceId"]


def test_parameters_that_were_set_say_so_until_they_are_reset(shared_box: Any) -> None:
    rds = shared_box.client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="strict", DBParameterGroupFamily="mysql8.4", Description="tests")
    parameters = [
        {"ParameterName": name, "ParameterValue": "1", "ApplyMethod": "immediate"}
        for name in ("require_secure_transport", "general_log")
    ]
    rds.modify_db_parameter_group(DBParameterGroupName="strict", Parameters=parameters)

    def told() -> dict[str, str]:
        found = rds.describe_db_parameters(DBParameterGroupName="strict")["Parameters"]
        return {one["ParameterName"]: one["Source"] for one in found}

    assert told() == {"require_secure_transport": "user", "general_log": "user"}
    rds.reset_db_parameter_group(DBParameterGroupName="strict", Parameters=parameters[1:])
    assert told() == {"require_secure_transport": "user"}
    rds.reset_db_parameter_group(DBParameterGroupName="strict", ResetAllParameters=True)
    assert told() == {}


def service(ecs: Any, name: str) -> dict[str, Any]:
    return ecs.describe_services(cluster="steady", services=[name])["services"][0]


def test_a_service_is_steady_and_keeps_what_it_was_asked_for(shared_box: Any) -> None:
    ecs = shared_box.client("ecs")
    ecs.create_cluster(clusterName="steady")
    for image in ("one", "two"):
        ecs.register_task_definition(
            family="task", containerDefinitions=[{"name": "main", "image": image, "memory": 128}]
        )
    careful = {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
    }
    ecs.create_service(
        cluster="steady",
        serviceName="server",
        taskDefinition="task:1",
        desiredCount=2,
        deploymentConfiguration=careful,
        healthCheckGracePeriodSeconds=120,
        enableECSManagedTags=True,
    )
    made = service(ecs, "server")
    assert (made["runningCount"], made["pendingCount"]) == (2, 0)
    assert made["deploymentConfiguration"] == careful
    assert (made["healthCheckGracePeriodSeconds"], made["enableECSManagedTags"]) == (120, True)
    assert made["availabilityZoneRebalancing"] == "DISABLED"

    ecs.update_service(cluster="steady", service="server", taskDefinition="task:2", desiredCount=3)
    moved = service(ecs, "server")
    (deployment,) = moved["deployments"]
    assert (deployment["rolloutState"], deployment["runningCount"]) == ("COMPLETED", 3)
    assert deployment["taskDefinition"] == moved["taskDefinition"]
    assert moved["taskDefinition"].endswith("task:2")
    assert moved["healthCheckGracePeriodSeconds"] == 120, "what was not sent stays"


@pytest.mark.parametrize(("name", "vpc"), [("private.test", True), ("public.test", False)])
def test_a_zone_is_private_when_it_is_made_for_a_network(shared_box: Any, name: str, vpc: bool) -> None:
    route53 = shared_box.client("route53")
    network = shared_box.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    where = {"VPC": {"VPCRegion": "eu-west-1", "VPCId": network}} if vpc else {}
    made = route53.create_hosted_zone(Name=name, CallerReference=name, **where)
    zone = route53.get_hosted_zone(Id=made["HostedZone"]["Id"])
    assert zone["HostedZone"]["Config"]["PrivateZone"] is vpc
    assert [one["VPCId"] for one in zone.get("VPCs", [])] == ([network] if vpc else [])


def test_rules_for_other_groups_keep_their_description(shared_box: Any) -> None:
    ec2 = shared_box.client("ec2")
    groups = [ec2.create_security_group(GroupName=name, Description=name)["GroupId"] for name in ("server", "client")]
    pair = {"GroupId": groups[1], "Description": "clients"}
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [pair]}
    ec2.authorize_security_group_ingress(GroupId=groups[0], IpPermissions=[permission])

    def rule() -> dict[str, Any]:
        wanted = [{"Name": "group-id", "Values": [groups[0]]}]
        found = ec2.describe_security_group_rules(Filters=wanted)["SecurityGroupRules"]
        return next(one for one in found if not one["IsEgress"])

    assert rule()["Description"] == "clients"
    changed = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "ReferencedGroupId": groups[1],
        "Description": "all clients",
    }
    ec2.modify_security_group_rules(
        GroupId=groups[0],
        SecurityGroupRules=[{"SecurityGroupRuleId": rule()["SecurityGroupRuleId"], "SecurityGroupRule": changed}],
    )
    assert rule()["Description"] == "all clients"
    assert rule()["ReferencedGroupInfo"]["GroupId"] == groups[1]


def test_a_launch_template_keeps_its_own_tags_to_itself(shared_box: Any) -> None:
    ec2 = shared_box.client("ec2")
    tag = [{"Key": "team", "Value": "ml"}]
    identifier = ec2.create_launch_template(
        LaunchTemplateName="tagged",
        LaunchTemplateData={"TagSpecifications": [{"ResourceType": "volume", "Tags": tag}]},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tag}],
    )["LaunchTemplate"]["LaunchTemplateId"]
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateId=identifier)["LaunchTemplateVersions"]
    assert [one["ResourceType"] for one in version["LaunchTemplateData"]["TagSpecifications"]] == ["volume"]
    (template,) = ec2.describe_launch_templates(LaunchTemplateIds=[identifier])["LaunchTemplates"]
    assert template["Tags"] == tag
    ec2.create_tags(Resources=[identifier], Tags=[{"Key": "stage", "Value": "prod"}])
    (template,) = ec2.describe_launch_templates(LaunchTemplateIds=[identifier])["LaunchTemplates"]
    assert [one["Key"] for one in template["Tags"]] == ["team", "stage"]


def test_a_bucket_that_takes_tls_alone_still_answers_on_loopback(shared_box: Any) -> None:
    s3 = shared_box.client("s3")
    s3.create_bucket(Bucket="tls-only", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    s3.put_bucket_policy(Bucket="tls-only", Policy=policy)
    s3.put_object(Bucket="tls-only", Key="state", Body=b"content")
    assert s3.get_object(Bucket="tls-only", Key="state")["Body"].read() == b"content"
    assert json.loads(s3.get_bucket_policy(Bucket="tls-only")["Policy"]) == json.loads(policy)


def test_who_pays_for_a_bucket_is_no_list_of_its_objects(shared_box: Any) -> None:
    s3 = shared_box.client("s3")
    s3.create_bucket(Bucket="payer", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_request_payment(Bucket="payer")["Payer"] == "BucketOwner"
    with pytest.raises(ClientError, match="NotImplemented"):
        s3.list_bucket_metrics_configurations(Bucket="payer")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.get_bucket_request_payment(Bucket="nobodys")


def test_a_scalable_target_has_the_role_that_aws_gives_it(shared_box: Any, serving: Any) -> None:
    serving.create("scaled", serving.release("scaled"))
    scaling = shared_box.client("application-autoscaling")
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/scaled/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    for _ in range(2):
        scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
        [found] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
        assert found["RoleARN"] == (
            "arn:aws:iam::123456789012:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        )
