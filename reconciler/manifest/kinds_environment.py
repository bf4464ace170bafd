"""Every kind of single value that says where an environment is, and what it is given."""

from typing import Annotated

from reconciler.manifest import forms
from reconciler.manifest.leaves import checked, flag, one_of, several, text, whole

_SECRETS = "a manifest holds no secrets: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead"
_SUBNETS = "each of its zones gets subnets, of which AWS lets none be smaller than /28, and no VPC is larger than /16"

TrackingUri = Annotated[
    str,
    checked("Address of the MLflow server", forms.address, forms.ADDRESS, because=_SECRETS, secret=True),
]
ArtifactBucket = Annotated[
    str,
    checked(
        "Bucket in which each training job may use the prefix <project>/",
        forms.bucket,
        forms.BUCKET,
        because="S3 refuses other names",
    ),
]

VpcId = Annotated[
    str,
    text(
        "VPC of the training jobs", "^vpc-[0-9a-f]{8,17}$", "an id such as vpc-0a1b2c3d", because="AWS knows VPCs by id"
    ),
]
SubnetIds = Annotated[
    tuple[str, ...],
    several(
        "Subnets of the training jobs (else every subnet of the VPC)",
        text("Subnet", "^subnet-[0-9a-f]{8,17}$", "an id such as subnet-0a1b2c3d", because="AWS knows subnets by id"),
    ),
]
PublicIps = Annotated[bool, flag("Fargate jobs get public addresses: needed where no NAT gateway is")]
Cidr = Annotated[
    str,
    checked("Addresses of a VPC that is made here", forms.network, forms.NETWORK, because=_SUBNETS),
]
Zones = Annotated[int, whole("Availability zones", 2, 3, because="one can fail, and some regions have three")]

Emails = Annotated[
    tuple[str, ...],
    several(
        "Who is told of alarms and failed trainings (else nobody)",
        text(
            "Address",
            "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,63}$",
            "an e-mail address",
            because="SNS sends the alerts there",
        ),
    ),
]
Repository = Annotated[
    str,
    text(
        "GitHub repository that holds the manifest",
        "^[A-Za-z0-9-]+/[A-Za-z0-9_.-]+$|^[A-Za-z0-9-]+@[0-9]+/[A-Za-z0-9_.-]+@[0-9]+$",
        "owner/name, or owner@id/name@id",
        because="GitHub's tokens name it so, and AWS compares",
    ),
]
GitHubEnvironment = Annotated[
    str,
    text(
        "GitHub environment whose jobs may apply",
        "^[A-Za-z0-9_.-]{1,255}$",
        "a name of letters, digits and _.-",
        because="GitHub's tokens spell other characters differently, and AWS compares",
    ),
]

ServerCpu = Annotated[
    int,
    whole("Fargate CPU units of one task; 1024 are one vCPU", 256, 16384, because="AWS Fargate has no other sizes"),
]
ServerMemory = Annotated[int, whole("MiB of one task", 512, 122880, because="AWS Fargate has no other sizes")]
Tasks = Annotated[int, whole("Tasks", 1, because="without one nothing is tracked")]
DatabaseEngine = Annotated[
    str,
    one_of(
        "Database of the server", ("mysql", "postgres"), "mysql or postgres", because="the server's image has these"
    ),
]
DatabaseClass = Annotated[
    str,
    text(
        "RDS instance class", "^db\\.[a-z0-9-]+\\.[a-z0-9]+$", "a class such as db.t4g.micro", because="RDS sells these"
    ),
]
Storage = Annotated[
    int,
    whole("GiB to begin with", 20, 16384, because="RDS takes 20 at least, and it may grow to four times that"),
]
MultiAz = Annotated[bool, flag("A standby of the database waits in another zone")]
Domain = Annotated[
    str,
    checked(
        "Host name of the server, which you point to it (else a private one)",
        forms.host,
        forms.HOST,
        because="people and jobs look it up",
    ),
]
Certificate = Annotated[
    str,
    text(
        "ACM certificate of the domain",
        "^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]{36}$",
        "an ARN such as arn:aws:acm:eu-west-1:222222222222:certificate/<id>",
        because="the load balancer takes certificates from ACM",
    ),
]
VpnCidr = Annotated[
    str,
    checked(
        "Addresses of the VPN's clients",
        forms.vpn_network,
        forms.VPN_NETWORK,
        because="AWS Client VPN takes no other sizes",
    ),
]
DeletionProtection = Annotated[bool, flag("The database and the artifact bucket cannot be deleted")]
_REPOSITORY = r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*"
PythonImage = Annotated[
    str,
    text(
        "Repository of Python's images (else Docker Hub's python)",
        f"^{_REPOSITORY}$",
        "a repository without tag such as public.ecr.aws/docker/library/python",
        because="the tag is the release of Python that a project asks for, with -slim",
    ),
]
CondaImage = Annotated[
    str,
    text(
        "Image of micromamba (else Docker Hub's mambaorg/micromamba)",
        f"^{_REPOSITORY}(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(@sha256:[0-9a-f]{{64}})?$",
        "an image such as registry.example/mambaorg/micromamba:2.3.2",
        because="conda environments are installed in it",
    ),
]
