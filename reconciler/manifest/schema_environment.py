"""The part of the manifest that says where the environment is, and what it is given, as it is written."""

from reconciler.manifest import kinds_environment as kinds
from reconciler.manifest.record import Record


class Tasks(Record):
    """How many tasks of the server run."""

    min: kinds.Tasks = 1
    max: kinds.Tasks = 2


class Database(Record):
    """The server's RDS instance."""

    engine: kinds.DatabaseEngine = "mysql"
    instance_class: kinds.DatabaseClass = "db.t4g.micro"
    storage: kinds.Storage = 20
    multi_az: kinds.MultiAz = False


class Vpn(Record):
    """A client VPN, by which people reach the server."""

    cidr: kinds.VpnCidr = "10.31.0.0/22"


class Server(Record):
    """An MLflow server that is provisioned here, in a VPC that the training jobs share. `{}` takes every default."""

    cpu: kinds.ServerCpu = 1024
    memory: kinds.ServerMemory = 4096
    tasks: Tasks = Tasks()
    database: Database = Database()
    cidr: kinds.Cidr = "10.30.0.0/16"
    zones: kinds.Zones = 2
    domain: kinds.Domain | None = None
    certificate: kinds.Certificate | None = None
    vpn: Vpn | None = None
    deletion_protection: kinds.DeletionProtection = True


class Mlflow(Record):
    """The MLflow tracking server: the address of one (else MLFLOW_TRACKING_URI), or how to provision it."""

    tracking_uri: kinds.TrackingUri | None = None
    artifact_bucket: kinds.ArtifactBucket | None = None
    server: Server | None = None


class Network(Record):
    """Where training jobs run; without it, in the MLflow server's VPC if that is provisioned here, else the default."""

    vpc_id: kinds.VpcId | None = None
    subnet_ids: kinds.SubnetIds = ()
    public_ips: kinds.PublicIps | None = None
    cidr: kinds.Cidr | None = None
    zones: kinds.Zones | None = None


class Alerts(Record):
    """Who is told when something is wrong."""

    email: kinds.Emails = ()


class GitHub(Record):
    """Whose GitHub Actions take the two roles, one that plans and one that applies."""

    repository: kinds.Repository
    environment: kinds.GitHubEnvironment


class Images(Record):
    """What images are built from, where Docker Hub's are not to be had: of a mirror, or a registry of one's own."""

    python: kinds.PythonImage | None = None
    conda: kinds.CondaImage | None = None
