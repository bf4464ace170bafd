"""Everything that the stacks make, in every service that the sandbox plays, outlives a stop and a start."""

import json
import pickle
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from reconciler.sandbox.aws import state

REGION, ACCOUNT = "eu-west-1", "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/serving"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::states/*"}],
    }
)
WITHOUT_STATE = {"server", "sts", "resourcegroupstaggingapi"}
"""Extras of moto that hold nothing of their own: the web server, calls about calls, and a view of the others' tags."""
TAGS = [{"Key": "managed-by", "Value": "reconciler"}]

OF_THE_MOMENT = {"ResponseMetadata", "lastEvaluatedAt", "LatestRestorableTime"}
"""What is made for each answer."""

Client = Callable[[str], Any]
Fill = Callable[[Client], None]


def certificate(key: Any) -> dict[str, bytes]:
    """A certificate that signs itself, as the one of the client VPN's authority does."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vpn.acme-prod.internal")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return {
        "Certificate": signed.public_bytes(pem),
        "CertificateChain": signed.public_bytes(pem),
        "PrivateKey": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
    }


def acm(client: Client) -> None:
    for key in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())):
        client("acm").import_certificate(**certificate(key), Tags=TAGS)


def applicationautoscaling(client: Client) -> None:
    target = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/any",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    client("application-autoscaling").register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    client("application-autoscaling").put_scaling_policy(
        **target,
        PolicyName="target",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 70.0},
    )


def batch(client: Client) -> None:
    ec2 = client("ec2")
    resources = {
        "type": "FARGATE",
        "maxvCpus": 4,
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    }
    client("batch").create_compute_environment(
        computeEnvironmentName="fargate", type="MANAGED", computeResources=resources
    )
    order = [{"order": 1, "computeEnvironment": "fargate"}]
    client("batch").create_job_queue(jobQueueName="queue", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    container = {"image": "busybox", "command": ["true"], "vcpus": 1, "memory": 512}
    client("batch").register_job_definition(jobDefinitionName="job", type="container", containerProperties=container)


def cloudwatch(client: Client) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    client("cloudwatch").put_dashboard(DashboardName="acme", DashboardBody='{"widgets": []}')
    client("cloudwatch").put_metric_data(Namespace="acme", MetricData=[{"MetricName": "m", "Value": 1.0}])


def ec2(client: Client) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.20.0.0/16"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", RouteTableIds=[table])
    ec2.create_launch_template(LaunchTemplateName="gpu", LaunchTemplateData={"InstanceType": "m5.large"})
    arn = client("acm").import_certificate(**certificate(rsa.generate_private_key(65537, 2048)))["CertificateArn"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
    client("logs").create_log_group(logGroupName="/acme/flows")
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/acme/flows",
        DeliverLogsPermissionArn=ROLE,
    )
    endpoint = ec2.create_client_vpn_endpoint(
        ClientCidrBlock="10.31.0.0/22",
        ServerCertificateArn=arn,
        AuthenticationOptions=[
            {"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": arn}}
        ],
        ConnectionLogOptions={"Enabled": False},
    )["ClientVpnEndpointId"]
    ec2.associate_client_vpn_target_network(ClientVpnEndpointId=endpoint, SubnetId=subnet)
    ec2.authorize_client_vpn_ingress(
        ClientVpnEndpointId=endpoint, TargetNetworkCidr="10.20.0.0/16", AuthorizeAllGroups=True
    )


def ecr(client: Client) -> None:
    client("ecr").create_repository(repositoryName="acme/train", tags=TAGS)
    newest = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}
    rules = {"rules": [{"rulePriority": 1, "selection": newest, "action": {"type": "expire"}}]}
    client("ecr").put_lifecycle_policy(repositoryName="acme/train", lifecyclePolicyText=json.dumps(rules))
    digest = f"sha256:{'0' * 64}"
    media = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {"schemaVersion": 2, "mediaType": media, "layers": [{"digest": digest, "size": 1}]}
    client("ecr").put_image(repositoryName="acme/train", imageTag="1", imageManifest=json.dumps(manifest))


def ecs(client: Client) -> None:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="mlflow")
    ecs.register_task_definition(family="mlflow", containerDefinitions=[{"name": "a", "image": "a", "memory": 512}])
    ecs.create_service(cluster="mlflow", serviceName="mlflow", taskDefinition="mlflow:1", desiredCount=1)


def elbv2(client: Client) -> None:
    ec2, elb = client("ec2"), client("elbv2")
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"][:2]]
    balancer = elb.create_load_balancer(Name="mlflow", Subnets=subnets, Scheme="internal")["LoadBalancers"][0]
    group = elb.create_target_group(Name="mlflow", Protocol="HTTP", Port=5000, VpcId=balancer["VpcId"])
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}],
    )


def events(client: Client) -> None:
    pattern = {"source": ["aws.batch"], "detail": {"status": ["FAILED"]}}
    client("events").put_rule(Name="failed", EventPattern=json.dumps(pattern))
    client("events").put_targets(Rule="failed", Targets=[{"Id": "mail", "Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:mail"}])


def iam(client: Client) -> None:
    iam = client("iam")
    iam.create_role(RoleName="job", AssumeRolePolicyDocument=POLICY, Tags=TAGS)
    iam.put_role_policy(RoleName="job", PolicyName="own", PolicyDocument=POLICY)
    policy = iam.create_policy(PolicyName="apply", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="job", PolicyArn=policy)
    iam.create_instance_profile(InstanceProfileName="batch")
    iam.add_role_to_instance_profile(InstanceProfileName="batch", RoleName="job")
    iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["a"])


def kms(client: Client) -> None:
    key = client("kms").create_key(Description="states", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
    client("kms").create_alias(AliasName="alias/states", TargetKeyId=key["KeyId"])
    client("kms").enable_key_rotation(KeyId=key["KeyId"])


def logs(client: Client) -> None:
    client("logs").create_log_group(logGroupName="/acme/train")
    client("logs").put_retention_policy(logGroupName="/acme/train", retentionInDays=30)
    client("logs").create_log_stream(logGroupName="/acme/train", logStreamName="a")
    event = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": "hello"}
    client("logs").put_log_events(logGroupName="/acme/train", logStreamName="a", logEvents=[event])


def rds(client: Client) -> None:
    client("rds").create_db_parameter_group(
        DBParameterGroupName="mlflow", DBParameterGroupFamily="mysql8.0", Description="mlflow"
    )
    subnets = [one["SubnetId"] for one in client("ec2").describe_subnets()["Subnets"][:2]]
    client("rds").create_db_subnet_group(
        DBSubnetGroupName="mlflow", DBSubnetGroupDescription="mlflow", SubnetIds=subnets
    )
    client("rds").create_db_instance(
        DBInstanceIdentifier="mlflow",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        MasterUsername="mlflow",
        ManageMasterUserPassword=True,
        AllocatedStorage=20,
    )


def route53(client: Client) -> None:
    zone = client("route53").create_hosted_zone(Name="acme.example", CallerReference="a")["HostedZone"]["Id"]
    record = {"Name": "mlflow.acme.example", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.1"}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def s3(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="states", VersioningConfiguration={"Status": "Enabled"})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket="states", ServerSideEncryptionConfiguration={"Rules": [rule]})
    expire = {"ID": "old", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 90}}
    s3.put_bucket_lifecycle_configuration(Bucket="states", LifecycleConfiguration={"Rules": [expire]})
    s3.put_bucket_ownership_controls(
        Bucket="states", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_public_access_block(Bucket="states", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.put_bucket_policy(Bucket="states", Policy=POLICY)
    for body in (b"1", b"2"):
        s3.put_object(Bucket="states", Key="prod/platform.tfstate", Body=body)
    s3.put_object(Bucket="states", Key="prod/gone", Body=b"1")
    s3.delete_object(Bucket="states", Key="prod/gone")


def sagemaker(client: Client) -> None:
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/none:1"
    client("sagemaker").create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image}, Tags=TAGS)
    variant = {"VariantName": "A", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    client("sagemaker").create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])


def scheduler(client: Client) -> None:
    client("scheduler").create_schedule_group(Name="acme")
    client("scheduler").create_schedule(
        Name="nightly",
        GroupName="acme",
        ScheduleExpression="cron(0 3 1 1 ? 2099)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:scheduler:::aws-sdk:batch:submitJob", "RoleArn": ROLE, "Input": "{}"},
    )


def secretsmanager(client: Client) -> None:
    client("secretsmanager").create_secret(Name="vpn", SecretString="1", Tags=TAGS)
    client("secretsmanager").put_secret_value(SecretId="vpn", SecretString="2")


def sns(client: Client) -> None:
    topic = client("sns").create_topic(Name="mail", Tags=TAGS)["TopicArn"]
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=POLICY)
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ml@acme.example")


def ssm(client: Client) -> None:
    client("ssm").put_parameter(Name="/acme/token", Value="t", Type="SecureString", Tags=TAGS)


FILLS: dict[str, Fill] = {
    fill.__name__: fill
    for fill in (
        *(acm, applicationautoscaling, batch, cloudwatch, ec2, ecr, ecs, elbv2, events, iam, kms, logs, rds),
        *(route53, s3, sagemaker, scheduler, secretsmanager, sns, ssm),
    )
}

QUESTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("acm", "list_certificates", {}),
    ("application-autoscaling", "describe_scalable_targets", {"ServiceNamespace": "dynamodb"}),
    ("application-autoscaling", "describe_scaling_policies", {"ServiceNamespace": "dynamodb"}),
    ("batch", "describe_compute_environments", {}),
    ("batch", "describe_job_queues", {}),
    ("batch", "describe_job_definitions", {}),
    ("cloudwatch", "describe_alarms", {}),
    ("cloudwatch", "get_dashboard", {"DashboardName": "acme"}),
    ("cloudwatch", "list_metrics", {"Namespace": "acme"}),
    ("ec2", "describe_vpcs", {}),
    ("ec2", "describe_subnets", {}),
    ("ec2", "describe_route_tables", {}),
    ("ec2", "describe_internet_gateways", {}),
    ("ec2", "describe_security_groups", {}),
    ("ec2", "describe_vpc_endpoints", {}),
    ("ec2", "describe_launch_template_versions", {"LaunchTemplateName": "gpu"}),
    ("ec2", "describe_client_vpn_endpoints", {}),
    ("ec2", "describe_addresses", {}),
    ("ec2", "describe_nat_gateways", {}),
    ("ec2", "describe_flow_logs", {}),
    ("ec2", "describe_security_group_rules", {}),
    ("ecr", "describe_repositories", {}),
    ("ecr", "describe_images", {"repositoryName": "acme/train"}),
    ("ecr", "get_lifecycle_policy", {"repositoryName": "acme/train"}),
    ("ecs", "describe_services", {"cluster": "mlflow", "services": ["mlflow"]}),
    ("ecs", "describe_task_definition", {"taskDefinition": "mlflow"}),
    ("elbv2", "describe_load_balancers", {}),
    ("elbv2", "describe_target_groups", {}),
    ("events", "describe_rule", {"Name": "failed"}),
    ("events", "list_targets_by_rule", {"Rule": "failed"}),
    ("iam", "get_role", {"RoleName": "job"}),
    ("iam", "get_role_policy", {"RoleName": "job", "PolicyName": "own"}),
    ("iam", "list_attached_role_policies", {"RoleName": "job"}),
    ("iam", "get_instance_profile", {"InstanceProfileName": "batch"}),
    ("iam", "list_open_id_connect_providers", {}),
    ("kms", "list_aliases", {}),
    ("kms", "list_keys", {}),
    ("logs", "describe_log_groups", {}),
    ("logs", "get_log_events", {"logGroupName": "/acme/train", "logStreamName": "a"}),
    ("rds", "describe_db_instances", {}),
    ("rds", "describe_db_subnet_groups", {}),
    ("rds", "describe_db_parameter_groups", {}),
    ("resourcegroupstaggingapi", "get_resources", {}),
    ("route53", "list_hosted_zones", {}),
    ("s3", "get_bucket_versioning", {"Bucket": "states"}),
    ("s3", "get_bucket_encryption", {"Bucket": "states"}),
    ("s3", "get_bucket_lifecycle_configuration", {"Bucket": "states"}),
    ("s3", "get_bucket_policy", {"Bucket": "states"}),
    ("s3", "get_bucket_ownership_controls", {"Bucket": "states"}),
    ("s3", "get_public_access_block", {"Bucket": "states"}),
    ("s3", "list_object_versions", {"Bucket": "states"}),
    ("sagemaker", "describe_model", {"ModelName": "m"}),
    ("sagemaker", "describe_endpoint_config", {"EndpointConfigName": "c"}),
    ("scheduler", "get_schedule", {"Name": "nightly", "GroupName": "acme"}),
    ("secretsmanager", "get_secret_value", {"SecretId": "vpn"}),
    ("secretsmanager", "get_secret_value", {"SecretId": "vpn", "VersionStage": "AWSPREVIOUS"}),
    ("secretsmanager", "list_secrets", {}),
    ("sns", "list_topics", {}),
    ("sns", "list_subscriptions", {}),
    ("ssm", "get_parameter", {"Name": "/acme/token", "WithDecryption": True}),
)


def answers(client: Client) -> dict[str, Any]:
    """What the API says to every question, and of what is only listed, all of it."""
    told = {
        f"{service} {call} {arguments}": _plain(getattr(client(service), call)(**arguments))
        for service, call, arguments in QUESTIONS
    }
    for one in client("acm").list_certificates(Includes={"keyTypes": ["RSA_2048", "EC_prime256v1"]})[
        "CertificateSummaryList"
    ]:
        arn = one["CertificateArn"]
        told[arn] = _plain(client("acm").describe_certificate(CertificateArn=arn))
    for one in client("route53").list_hosted_zones()["HostedZones"]:
        told[one["Id"]] = _plain(client("route53").list_resource_record_sets(HostedZoneId=one["Id"]))
    for one in client("ec2").describe_client_vpn_endpoints()["ClientVpnEndpoints"]:
        which = {"ClientVpnEndpointId": one["ClientVpnEndpointId"]}
        told["networks"] = _plain(client("ec2").describe_client_vpn_target_networks(**which))
        told["rules"] = _plain(client("ec2").describe_client_vpn_authorization_rules(**which))
    for one in client("s3").list_object_versions(Bucket="states")["Versions"]:
        which = {"Bucket": "states", "Key": one["Key"], "VersionId": one["VersionId"]}
        told[f"{which}"] = {"body": client("s3").get_object(**which)["Body"].read()}
    for one in client("sns").list_topics()["Topics"]:
        told["topic"] = _plain(client("sns").get_topic_attributes(**one))
    for one in client("elbv2").describe_load_balancers()["LoadBalancers"]:
        told["listeners"] = _plain(client("elbv2").describe_listeners(LoadBalancerArn=one["LoadBalancerArn"]))
    return told


def _plain(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _plain(value) for name, value in answer.items() if name not in OF_THE_MOMENT}
    return [_plain(one) for one in answer] if isinstance(answer, list) else answer


def test_every_service_that_the_sandbox_plays_is_filled() -> None:
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    (moto,) = (one for one in tomllib.loads(text)["project"]["optional-dependencies"]["sandbox"] if "moto[" in one)
    extras = set(re.split(r"[\[\],]", moto)[1:-1])
    assert extras - WITHOUT_STATE == FILLS.keys()


def test_everything_that_the_stacks_make_outlives_a_stop_and_a_start(
    box: Any, caplog: pytest.LogCaptureFixture
) -> None:
    state._say_once.cache_clear()
    for fill in FILLS.values():
        fill(box.client)
    with box.server._cloud.lock:
        for (service, *_), backend in state.in_use().items():
            assert type(pickle.loads(state.pickled(backend))) is type(backend), service
    before = answers(box.client)
    assert not [name for name, told in before.items() if not any(told.values())], "nothing was filled here"
    box.down()
    assert "is lost when it stops" not in caplog.text
    box.up()
    after = answers(box.client)
    for name, told in after.items():
        assert told == before[name], name
    for fill in (acm, secretsmanager_again, logs_again):
        fill(box.client)


def secretsmanager_again(client: Client) -> None:
    client("secretsmanager").put_secret_value(SecretId="vpn", SecretString="3")


def logs_again(client: Client) -> None:
    event = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": "again"}
    client("logs").put_log_events(logGroupName="/acme/train", logStreamName="a", logEvents=[event])
