"""A file that a person wrote: its text, or why it cannot be read. Never more of it than such a file can have."""

from pathlib import Path

from reconciler.errors import ManifestInvalid


def read_text_file(path: Path, shown: str, most: int, kind: str) -> str | None:
    """The file's text; None when there is no file. `kind`, such as "a policy", is what it should be.

    Raises ManifestInvalid, with the file as `shown`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ManifestInvalid((f"{shown}:1: cannot be read: {error.strerror}",)) from error
    return text_of(raw, shown, most, kind)


def text_of(raw: bytes, shown: str, most: int, kind: str) -> str:
    """The text in a file's bytes, a mark of their order aside. Raises ManifestInvalid, with the file as `shown`."""
    if len(raw) > most:
        raise ManifestInvalid((f"{shown}:1: is larger than {most} bytes; is it {kind}?",))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ManifestInvalid((f"{shown}:{line}: is not UTF-8 text: byte {raw[error.start]:#04x}",)) from error
