"""What is said by others — Terraform, SageMaker, MLflow, a job — without the secrets that it may hold."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from reconciler.core.tokens import TOKENS

HIDDEN = "***"
SHORTEST = 6
"""Characters: a shorter value would be found in ordinary words."""
LONGEST = 500
"""Characters of a password or token that a pattern looks at: it bounds the work."""
STAND_INS = frozenset({"sandbox", "testing", "example", "changeme", "localstack", "anonymous"})
"""What stands where a credential has to stand and none is needed."""

_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|KEY(_|$)", re.IGNORECASE)
_WORD = "passw(?:or)?d|passphrase|secret|token|credential|amz-signature|api[_-]?key|access[_-]?key"
_NAME = rf"[\w-]{{0,40}}(?:{_WORD})[\w-]{{0,40}}"
_LINE, _END = r"(?<![\w+/=.-])[A-Za-z0-9+/]", r"[ \t]{0,3}\r?\n"
_MIXED = "(?=[^A-Z]{0,75}[A-Z])(?=[^a-z]{0,75}[a-z])"
"""Small and capital letters: no digest in hexadecimal."""
# Compiled by `re` when they are first used, and kept there: start-up time is a promise.
_SHAPES = (
    rf"(?<=://)[^\s/@:\"'<>]{{0,{LONGEST}}}:[^\s\"'<>]{{0,{LONGEST}}}@",
    rf"(?<=://)[^\s/@\"'<>]{{1,{LONGEST}}}@",
    rf"\b(?:{'|'.join(TOKENS)})+",
    r"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[\w/+-]{16,255}",
    r"(?<=webhook\.office\.com/webhookb2/)[\w/@.-]{16,500}",
    r"(?<=/api/webhooks/)[0-9]{10,25}/[\w-]{30,100}",
    # A conda channel's token; the links of forums, which are words, stay.
    # https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/settings.html
    rf"(?<=://)([^\s\"'<>@]{{1,255}}?/t/)(?=[a-z-]{{0,{LONGEST}}}[A-Z0-9_])[\w-]{{{SHORTEST},{LONGEST}}}",
    r"(?<=AccountKey=)[A-Za-z0-9+/]{40,88}={0,2}",
    r"(?<=[?&]sig=)[A-Za-z0-9%+/_-]{20,200}={0,2}",
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[^\"'<>{}-]{0,20000}(?:-----END [A-Z0-9 ]{0,40}-----)?",
    # The same, of which only the end is there: logs are cut.
    rf"(?:{_LINE}{{32,76}}{_END}){{0,400}}(?:{_LINE}{{1,76}}={{0,2}}{_END})?-----END [A-Z0-9 ]{{0,40}}PRIVATE KEY-----",
    # And line by line, as logs are followed: OpenSSL breaks after 64 characters, OpenSSH after 70, MIME after 76.
    rf"(?<![\w+/=.-]){_MIXED}(?:[A-Za-z0-9+/]{{64}}|[A-Za-z0-9+/]{{70}}|[A-Za-z0-9+/]{{76}})(?![\w+/=.-])",
)
"""What is a secret wherever it stands."""
_VALUE = rf"(?:\"[^\"\n]{{0,{LONGEST}}}\"|'[^'\n]{{0,{LONGEST}}}'|[^\s,;&\"'\\]+)"
_DIGIT = rf"(?=[^\s\d]{{0,{LONGEST}}}\d)"
_ODD = rf"(?=[^\s\d]{{0,{LONGEST}}}(?-i:[A-Z0-9=]))"
_PROSE = (
    "a|again|an|and|are|argument|as|at|by|can|cannot|does|expects|flag|for|from|given|has|if|in|instead|is|may|missing|"
    "must|needs|not|of|on|option|or|requires|should|takes|that|the|to|value|was|when|which|will|with"
)
"""What follows an option where somebody writes about it."""
_PLACEHOLDER = r"<[\w .-]{1,40}>|\[[\w .-]{1,40}\]|\$\(|(?-i:\$\{?[A-Z_]{3,40}\b)"
_ARGUMENT = rf"(?![\"']?-|{_PLACEHOLDER}|(?:[|<]|{_PROSE})(?![^\s,.;:)]))"
"""Neither another option, nor a placeholder, nor prose."""
_COOKIE = r"[^\s;=\"'\\]{1,100}=\"[^\"\n]{0,4000}\"|[^\s;\"'\\]{0,4000}"
"""One part of a cookie, to its end: half a word that is left would be read anew."""
_SAID = (
    rf"(?i)(\b{_NAME}\s{{0,5}}=\s{{0,5}})({_VALUE})",
    rf"(?i)(\b{_NAME}[\"']\s{{0,5}}:\s{{0,5}})({_VALUE})",
    rf"(?i)(\b{_NAME}\s{{0,5}}:\s{{0,5}})({_DIGIT}[^\s,;&\"'\\]{{{SHORTEST},}})",
    rf"(?i)(\bbearer\s{{1,5}})({_DIGIT}[\w.~+/=-]{{8,4000}})",
    rf"(?i)((?<![\w-])--[\w-]{{0,40}}(?:{_WORD})(?:[ \t]{{1,5}}|[\"'],\s{{0,5}}(?=[\"'])){_ARGUMENT})({_VALUE})",
    rf"(?i)(\bcookie[\"']?\s{{0,5}}[:=]\s{{0,5}}[\"']?)((?=[\w.-]{{1,100}}=)(?:{_COOKIE})(?:;\s{{0,3}}(?:{_COOKIE})){{0,50}})",
    rf"(?i)(authorization[\"']?\s{{0,5}}[:=]\s{{0,5}}[\"']?(?:basic|token|apikey)\s{{1,5}})({_ODD}[\w.~+/=-]{{6,4000}})",
)
"""What is a secret because a name stands before it."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """Hides secrets in a text: those that this process was given, and what looks like one."""

    known: tuple[str, ...] = ()
    """In every form in which they may be quoted, the longest first."""

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> "Redactor":
        """Knows the values of the environment variables whose names say that they are secret."""
        secret = (value for name, value in variables.items() if _SECRET_NAME.search(name))
        forms = {form for value in secret if value not in STAND_INS for form in _forms(value)}
        return cls(
            tuple(sorted((form for form in forms if len(form) >= SHORTEST), key=lambda form: (-len(form), form)))
        )

    def __call__(self, text: str) -> str:
        """A text of others, as a person may read it. What is left says the same when it is given again."""
        text = self.output(text)  # first, for a name may begin where a secret ends
        for shape in _SAID:
            text = re.sub(shape, _hide, text)
        return text

    def output(self, text: str) -> str:
        """A text of ours, in which the word before a value proves nothing."""
        for secret in self.known:
            text = text.replace(secret, HIDDEN)
        for shape in _SHAPES:
            text = re.sub(shape, _hide_shape, text)
        return text


def is_secret(text: str) -> bool:
    """Whether text has a part that looks like a password or token."""
    return Redactor()(text) != text


def _hide_shape(found: re.Match[str]) -> str:
    """What shows whose secret it was stays."""
    if found.lastindex:
        return f"{found[1]}{HIDDEN}"
    return f"{HIDDEN}@" if found[0].endswith("@") else HIDDEN


def _hide(found: re.Match[str]) -> str:
    """The name stays, and so do quotation marks: JSON remains JSON."""
    mark = found[2][0] if found[2][0] in "\"'" else ""
    return f"{found[1]}{mark}{HIDDEN}{mark}"


def _forms(value: str) -> Iterable[str]:
    """As it is, in one line, line by line, in JSON and in a URL."""
    lines = tuple(line.strip() for line in value.splitlines()) if "\n" in value.strip() else ()
    for form in (value.strip(), " ".join(value.split()), *(line for line in lines if len(line) >= 16)):
        yield form
        yield json.dumps(form)[1:-1]
        yield quote(form, safe="")
