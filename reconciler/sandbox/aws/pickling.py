"""How what moto holds is pickled: its locks, its handles on other services, and the keys and certificates it made."""

import _thread
import threading
from collections import defaultdict
from collections.abc import Callable
from types import FunctionType
from typing import Any, get_args

import cloudpickle  # type: ignore[import-untyped]  # has no types
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from moto import backends
from moto.core.base_backend import AccountSpecificBackend, BackendDict

LOCKS: dict[type, Callable[[], object]] = {_thread.LockType: threading.Lock, type(threading.RLock()): threading.RLock}
PRIVATE_KEYS = get_args(PrivateKeyTypes)
UNENCRYPTED = (
    serialization.Encoding.DER,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),  # nothing in the sandbox is secret, and the file is its owner's only
)


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # some of moto's services hold lambdas
    """Pickles whole backends."""

    def reducer_override(self, obj: object) -> Any:
        """What makes an object again: a function, its arguments, and what pickle takes beyond them."""
        return _plumbing(obj) or _secret(obj) or super().reducer_override(obj)


def _plumbing(obj: object) -> tuple[Any, ...] | None:
    if type(obj) in LOCKS:
        return LOCKS[type(obj)], ()
    if isinstance(obj, BackendDict):  # a handle on another service: found again by name
        return backends.get_backend, (obj.service_name,)
    if isinstance(obj, AccountSpecificBackend):
        return account_backend, (obj.service_name, obj.account_id)
    if isinstance(obj, defaultdict) and type(obj) is not defaultdict:  # made with arguments of its own
        return _remake, (type(obj), obj.default_factory), vars(obj) or None, None, iter(obj.items())
    if isinstance(obj, dict) and isinstance(
        type(obj).items, FunctionType
    ):  # may show less than it holds: S3's versions
        return _empty, (type(obj),), (vars(obj), dict(dict.items(obj))), None, None, _fill
    return None


def _secret(obj: object) -> tuple[Callable[..., object], tuple[bytes]] | None:
    if isinstance(obj, x509.Certificate):
        return _certificate, (obj.public_bytes(serialization.Encoding.DER),)
    if isinstance(obj, PRIVATE_KEYS):
        return _private_key, (obj.private_bytes(*UNENCRYPTED),)
    return None


def _certificate(content: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(content)  # itself a builtin of a module that pickle cannot import


def _private_key(content: bytes) -> PrivateKeyTypes:
    return serialization.load_der_private_key(content, password=None)


def _remake(kind: type[defaultdict[Any, Any]], factory: Callable[[], Any] | None) -> defaultdict[Any, Any]:
    made = kind.__new__(kind)
    defaultdict.__init__(made, factory)
    return made


def _empty(kind: type[dict[Any, Any]]) -> dict[Any, Any]:
    return kind.__new__(kind)


def _fill(made: dict[Any, Any], held: tuple[dict[str, Any], dict[Any, Any]]) -> None:
    attributes, items = held
    vars(made).update(attributes)
    for key, value in items.items():
        dict.__setitem__(made, key, value)


def account_backend(service: str, account: str) -> Any:  # moto's own object
    """moto's backends of one account, by region."""
    return backends.get_backend(service)[account]
