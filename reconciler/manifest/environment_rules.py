"""Rules on where an environment is: its network, its MLflow server, who is told and who applies."""

import re
from collections.abc import Iterator
from itertools import combinations

from reconciler.manifest.fit import server_misfits
from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile
from reconciler.manifest.schema_environment import Mlflow, Network, Server

MLFLOW: Where = ("mlflow",)
NETWORK: Where = ("network",)
SERVER: Where = ("mlflow", "server")


def broken_environment(file: ManifestFile) -> Iterator[Problem]:
    """Every rule that the header breaks by itself."""
    if file.network:
        yield from _wrong_network(file.network)
    if file.mlflow:
        yield from _wrong_mlflow(file.mlflow)
    if file.mlflow and file.mlflow.server:
        yield from _wrong_server(file.mlflow.server)
        yield from _wrong_certificate(file.mlflow.server, file)
        yield from _out_of_reach(file)
    yield from _name_of_a_load_balancer(file)
    yield from _overlaps(file)
    yield from _repeated("subnet", (*NETWORK, "subnet_ids"), file.network.subnet_ids if file.network else ())
    yield from _repeated("address", ("alerts", "email"), file.alerts.email)
    yield from _bucket_of_a_project(file)


def _wrong_network(network: Network) -> Iterator[Problem]:
    vpc, cidr = (*NETWORK, "vpc_id"), (*NETWORK, "cidr")
    if network.vpc_id and network.cidr:
        what = "cannot be with vpc_id, because jobs run in one network, a given one or one made here; leave one out"
        yield Problem(cidr, what, touches=(vpc,))
    if not network.vpc_id and not network.cidr:
        what = "names no network: write vpc_id, or cidr for one that is made here"
        yield Problem(NETWORK, what, touches=(vpc, cidr))
    goes_with_vpc = {"subnet_ids": bool(network.subnet_ids), "public_ips": network.public_ips is not None}
    for key in (key for key, written in goes_with_vpc.items() if written and network.cidr and not network.vpc_id):
        what = "goes with vpc_id only, because a network that is made here has its own subnets and a NAT gateway"
        yield Problem((*NETWORK, key), what, touches=(vpc,))
    if network.zones is not None and network.vpc_id and not network.cidr:
        what = "goes with cidr only, because a network that exists has its subnets already; use subnet_ids"
        yield Problem((*NETWORK, "zones"), what, touches=(cidr,))


def _wrong_mlflow(mlflow: Mlflow) -> Iterator[Problem]:
    if mlflow.server is None:
        return
    if mlflow.tracking_uri:
        what = "cannot be with server, because an environment tracks in one MLflow server; leave one of them out"
        yield Problem((*MLFLOW, "tracking_uri"), what)
    if mlflow.artifact_bucket:
        what = "cannot be with server, because that has a bucket of its own; leave it out"
        yield Problem((*MLFLOW, "artifact_bucket"), what)


def _wrong_server(server: Server) -> Iterator[Problem]:
    tasks = (*SERVER, "tasks")
    for field, sentence in server_misfits(server.cpu, server.memory):
        yield Problem((*SERVER, field), sentence, touches=((*SERVER, "cpu"), (*SERVER, "memory")))
    if server.tasks.max < server.tasks.min:
        what = f"{server.tasks.max} is less than min ({server.tasks.min}); raise one or lower the other"
        yield Problem((*tasks, "max"), what, touches=((*tasks, "min"),))
    domain, certificate = (*SERVER, "domain"), (*SERVER, "certificate")
    if server.domain and not server.certificate:
        what = "needs certificate, because a public name is served by HTTPS alone; leave it out for a private name"
        yield Problem(domain, what, touches=(certificate,))
    if server.certificate and not server.domain:
        yield Problem(certificate, "needs domain, because a certificate is for a name", touches=(domain,))


def _name_of_a_load_balancer(file: ManifestFile) -> Iterator[Problem]:
    if f"{file.platform}-".startswith("internal-"):
        what = (
            "cannot begin with internal, because AWS keeps such names of load balancers to itself; choose another name"
        )
        yield Problem(("platform",), what)


def _wrong_certificate(server: Server, file: ManifestFile) -> Iterator[Problem]:
    if server.certificate is None:
        return
    _, _, _, region, account, _ = server.certificate.split(":", 5)
    where = (*SERVER, "certificate")
    if file.region and region != file.region:
        what = f"is in {region}, and a load balancer in {file.region} takes certificates from there; ask for one there"
        yield Problem(where, what, touches=(("region",),))
    if file.account and account != file.account:
        what = f"is of account {account}, and the environment is in {file.account}; ask for one there"
        yield Problem(where, what, touches=(("account",),))


def _out_of_reach(file: ManifestFile) -> Iterator[Problem]:
    """The sandbox's jobs track in its own server, wherever they are said to run."""
    if file.network and not file.sandbox:
        what = (
            "cannot be with mlflow.server, because that answers inside its own VPC alone, where training jobs run "
            "too; leave it out"
        )
        yield Problem(NETWORK, what, touches=(("sandbox",),))


def _overlaps(file: ManifestFile) -> Iterator[Problem]:
    from ipaddress import IPv4Network

    server = file.mlflow.server if file.mlflow else None
    cidrs: list[tuple[Where, str | None]] = [
        ((*NETWORK, "cidr"), file.network.cidr if file.network else None),
        ((*SERVER, "cidr"), server.cidr if server else None),
        ((*SERVER, "vpn", "cidr"), server.vpn.cidr if server and server.vpn else None),
    ]
    known = [(where, cidr) for where, cidr in cidrs if cidr]
    for (other, taken), (where, cidr) in combinations(known, 2):
        if IPv4Network(cidr).overlaps(IPv4Network(taken)):
            what = f"{cidr} overlaps {'.'.join(map(str, other))} ({taken}); choose other addresses"
            yield Problem(where, what, touches=(other,))


def _repeated(kind: str, where: Where, listed: tuple[str, ...]) -> Iterator[Problem]:
    if len(set(listed)) < len(listed):
        yield Problem(where, f"names {'an' if kind[0] in 'aeiou' else 'a'} {kind} twice; leave one of them out")


def _bucket_of_a_project(file: ManifestFile) -> Iterator[Problem]:
    """The role that applies may empty and delete the buckets of projects, which it knows by the form of their names."""
    pattern = rf"{re.escape(f'{file.platform}-{file.environment}')}-.*[0-9]{{12}}"
    if file.github and file.state_bucket and re.fullmatch(pattern, file.state_bucket):
        what = f"{file.state_bucket!r} has the form of a project's bucket, which the apply role may delete; rename it"
        yield Problem(("state_bucket",), what, touches=(("platform",), ("environment",)))
