"""`reconcile vpn add | revoke | list`, and the certificates that a VPN is made with."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from reconciler.adapters.aws.account import StsAccount
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.state import S3StateStore
from reconciler.adapters.clock import SystemClock
from reconciler.adapters.vpn import Client, ClientVpn
from reconciler.core import names
from reconciler.core.desired import Platform
from reconciler.errors import SettingsMissing
from reconciler.intake import Intake, take_in
from reconciler.observe import server_stack
from reconciler.ports import Clock
from reconciler.reconcile import check_account
from reconciler.render.screen import print_wrapped, screen, tell
from reconciler.settings import Settings
from reconciler.wiring import connect


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that the commands need of one environment."""

    aws: Aws
    platform: Platform
    root: Path
    clock: Clock

    @property
    def vpn(self) -> ClientVpn:
        """Its VPN."""
        return ClientVpn(self.aws, self.platform, self.clock)

    def endpoint(self) -> str:
        """Id of the VPN endpoint, from the state of the stack that made it. Raises ReadFailed, SettingsMissing."""
        state = S3StateStore(self.aws, self.platform.state_bucket, self.platform.environment)
        server = server_stack(state.stacks().get(names.stack_key(self.platform.environment, "mlflow-server")))
        if server and server.vpn_endpoint_id:
            return server.vpn_endpoint_id
        remedy = "set mlflow.server.vpn in the manifest, and reconcile"
        raise SettingsMissing(f"{names.prefix(self.platform)} has no VPN", remedy)


def certificates(intake: Intake, settings: Settings) -> Mapping[str, str]:
    """ARNs that the VPN endpoint is made with; what is missing is made, what runs out is renewed.

    Raises ReadFailed, AwsFailed, Refused once the authority has expired, SettingsMissing.
    """
    return asdict(_access(intake, settings).vpn.ensure(tell))


def known_certificates(intake: Intake, settings: Settings) -> Mapping[str, str]:
    """The same without making any: empty when there are none. Raises ReadFailed."""
    found = _access(intake, settings).vpn.find()
    return asdict(found) if found else {}


def enforce_revocations(intake: Intake, settings: Settings) -> None:
    """Tell the VPN endpoint who is revoked: one that was made anew knows of nobody. Raises ReadFailed, AwsFailed."""
    access = _access(intake, settings)
    access.vpn.enforce(access.endpoint())


def forget_authority(intake: Intake, settings: Settings) -> None:
    """Delete the VPN's authority and its certificate, if there are any. Raises AwsFailed."""
    _access(intake, settings).vpn.delete()


def add_command(path: Path, name: str) -> int:
    """Let somebody into the VPN: a certificate, and the file that a VPN program takes."""
    access = _open(path)
    file = add_client(access, name)
    click.echo(f"{name} may connect for a year with {file}")
    click.echo("the file holds a private key: hand it over on a safe way, then delete it here")
    return 0


def revoke_command(path: Path, name: str) -> int:
    """Let somebody in no more, and end the connections that are open."""
    access = _open(path)
    ended = access.vpn.revoke(access.endpoint(), name)
    _profile(access, name).unlink(missing_ok=True)
    click.echo(f"{name} may connect no more; {ended} {'connection was' if ended == 1 else 'connections were'} ended")
    return 0


def list_command(path: Path, output: str) -> int:
    """Show who was let in, until when; `output` is text or json."""
    access = _open(path)
    clients, now = access.vpn.clients(), access.clock.now()
    if output == "json":
        click.echo(json.dumps([_row(client, now) for client in clients], indent=2))
    elif clients:
        _show([_row(client, now) for client in clients], screen(Settings.read()))
    else:
        click.echo("nobody was let into the VPN; let somebody in: reconcile vpn add NAME")
    return 0


def add_client(access: Access, name: str) -> Path:
    """Issue a certificate and write its profile, readable by this user alone; returns where."""
    _folder(access).mkdir(mode=0o700, parents=True, exist_ok=True)
    text = access.vpn.add(access.endpoint(), name)
    file = _profile(access, name)
    _write_private(file, text)
    return file


def _open(path: Path) -> Access:
    settings = Settings.read()
    access = _access(take_in(path, settings), settings)
    check_account(access.platform, StsAccount(access.aws).id())
    return access


def _access(intake: Intake, settings: Settings) -> Access:
    platform = intake.desired.platform
    return Access(connect(platform, settings, intake.sandbox), platform, intake.root, SystemClock())


def _folder(access: Access) -> Path:
    return access.root / ".reconcile" / "vpn" / names.prefix(access.platform)


def _profile(access: Access, name: str) -> Path:
    return _folder(access) / f"{name}.ovpn"


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)  # an existing file would keep its mode
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)


def _row(client: Client, now: datetime) -> Mapping[str, str]:
    return {
        "name": client.name,
        "state": client.state(now),
        "not_after": client.not_after.isoformat(),
        "revoked": client.revoked.isoformat() if client.revoked else "",
        "serial": client.serial,
    }


def _show(rows: list[Mapping[str, str]], console: Console) -> None:
    width = max(len("NAME"), *(len(row["name"]) for row in rows))
    header = {"name": "NAME", "state": "STATE", "not_after": "UNTIL", "serial": "SERIAL"}
    for row in (header, *rows):
        line = f"{row['name']:<{width}}  {row['state']:<8}  {row['not_after'][:10]:<10}  {row['serial']}"
        print_wrapped(Text(line, style="bold" if row is header else ""), console, indent=0, hang=2)
