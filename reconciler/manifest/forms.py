"""Forms of text that a pattern alone cannot hold: each function returns the text cleaned up, or raises ValueError."""

import posixpath
import re
from urllib.parse import urlsplit

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IP_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
_RESERVED_FIRST = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_LAST = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
BUCKET = (
    "an S3 bucket name: 3 to 63 lowercase letters, digits, dots and hyphens, a letter or digit at both ends, "
    "no two dots together, not an IP address, none of S3's reserved beginnings and ends"
)
FOLDER = "a folder below the project root, relative to it, with forward slashes"
MODEL = (
    "a model name: 1 to 200 visible characters without / : ? or quotes, no blanks at the ends or two together, "
    "not . and nothing that begins with .."
)
TAG_KEY = "the key of a tag: 1 to 128 letters, digits, blanks and _.:/=+-@, not aws:…, reconciler:…, managed-by or Name"
SENTENCE = "1 to 200 characters on one line, in quotes where YAML needs them"
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
NETWORK = "a private network of /16 to /22 by its first address, such as 10.30.0.0/16"
VPN_NETWORK = "a private network of /12 to /22 by its first address, such as 10.31.0.0/22"
HOST = "a host name with a dot, in lower case, such as mlflow.acme.example"
ADDRESS = "an http or https address without user, password, query or fragment"


def bucket(name: str) -> str:
    """The name of an S3 bucket. Raises ValueError.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    reserved = name.startswith(_RESERVED_FIRST) or name.endswith(_RESERVED_LAST)
    if not _BUCKET.fullmatch(name) or ".." in name or reserved or _IP_ADDRESS.fullmatch(name):
        raise ValueError(name)
    return name


def folder(path: str) -> str:
    """A normalised path that stays below the root. Raises ValueError."""
    normal = posixpath.normpath(path)
    outside = normal.startswith(("/", "..")) or normal == "."
    if not path.strip() or outside or "\\" in path or not path.isprintable() or re.match(r"[A-Za-z]:", path):
        raise ValueError(path)
    return normal


def address(url: str) -> str:
    """An http(s) address, without a slash at its end. Raises ValueError."""
    parts = urlsplit(url)
    usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    decorated = "@" in parts.netloc or parts.query or parts.fragment
    if not usable or decorated or not url.isprintable() or " " in url:
        raise ValueError(url)
    return url.rstrip("/")


def network(cidr: str) -> str:
    """Addresses of a VPC whose subnets AWS takes in each of up to three zones. Raises ValueError."""
    return _private(cidr, largest=16, smallest=22)


def vpn_network(cidr: str) -> str:
    """Addresses of the clients of an AWS Client VPN. Raises ValueError.

    https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/what-is-best-practices.html
    """
    return _private(cidr, largest=12, smallest=22)


def _private(cidr: str, *, largest: int, smallest: int) -> str:
    from ipaddress import IPv4Network

    found = IPv4Network(cidr)
    private = any(found.subnet_of(IPv4Network(one)) for one in _PRIVATE)
    if str(found) != cidr or not private or not largest <= found.prefixlen <= smallest:
        raise ValueError(cidr)
    return cidr


def model(name: str) -> str:
    """The name of a registered model that MLflow can address, and that people can read. Raises ValueError.

    MLflow refuses `/`, `:`, `.` and what begins with `..` (mlflow.utils.validation), reads `?` in `models:/NAME/1` as
    the end of the name (mlflow.store.artifact.utils.models), and cannot search for names with quotes.
    """
    unusable = name == "." or name.startswith("..") or re.search("[/:?'\"`]", name) or re.search(r"\s\s|^\s|\s$", name)
    if not 0 < len(name) <= 200 or unusable or not name.isprintable():
        raise ValueError(name)
    return name


def tag_key(key: str) -> str:
    """The key of an AWS tag that is neither AWS's nor ours. Raises ValueError."""
    reserved = key.lower().startswith(("aws:", "reconciler:")) or key.lower() in ("managed-by", "name")
    if not re.fullmatch(r"[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,126}[A-Za-z0-9_.:/=+@-])?", key) or reserved:
        raise ValueError(key)
    return key


def sentence(text: str) -> str:
    """Words for people. Raises ValueError."""
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise ValueError(text)
    return text.strip()


def host(name: str) -> str:
    """A full host name. Raises ValueError."""
    if not _HOST.fullmatch(name) or len(name) > 253:
        raise ValueError(name)
    return name
