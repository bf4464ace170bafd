"""An MLflow server that is provisioned here, as git asks for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Database:
    """The MLflow server's RDS instance."""

    engine: str = "mysql"
    """mysql or postgres"""
    instance_class: str = "db.t4g.micro"
    storage: int = 20
    """GiB to begin with; it grows by itself."""
    multi_az: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """An MLflow server of our own: the stack `mlflow-server`."""

    cpu: int = 1024
    """Fargate CPU units; 1024 are one vCPU."""
    memory: int = 4096
    """MiB"""
    min_tasks: int = 1
    max_tasks: int = 2
    database: Database = Database()
    cidr: str = "10.30.0.0/16"
    """Addresses of the server's VPC, which the training jobs share."""
    zones: int = 2
    domain: str = ""
    """Host name that people and jobs use; empty: a private one, see `names.server_host`."""
    certificate_arn: str = ""
    """ACM certificate of `domain`; empty: plain HTTP inside the VPC."""
    vpn_cidr: str = ""
    """Addresses of the VPN's clients, a /22 to a /12 outside `cidr`; empty: no VPN."""
    deletion_protection: bool = True
    """Keeps the database and the artifact bucket from being deleted."""
