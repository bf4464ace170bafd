"""Where the symbolic links of a folder lead, as git's tree tells it."""

from collections.abc import Mapping

MOST = 40
"""Links that Linux follows on one way before it gives up:
https://man7.org/linux/man-pages/man7/path_resolution.7.html"""


class LeadsOut(ValueError):
    """A way leaves the folder."""


class LeadsNowhere(ValueError):
    """A way comes back to a link that it came from."""


def resolve(name: str, links: Mapping[str, str]) -> str:
    """The path behind a name, every link on the way followed; both relative to the folder.

    `links`: targets by name. What stands at the path is not looked at. Raises LeadsOut, LeadsNowhere.
    """
    ahead, behind, followed = name.split("/")[::-1], list[str](), 0
    while ahead:
        part = ahead.pop()
        if part in {"", "."}:
            continue
        if part == "..":
            if not behind:
                raise LeadsOut(name)
            behind.pop()
            continue
        behind.append(part)
        if (target := links.get("/".join(behind))) is None:
            continue
        if target.startswith("/"):
            raise LeadsOut(name)
        followed += 1
        if followed > MOST:
            raise LeadsNowhere(name)
        behind.pop()
        ahead += target.split("/")[::-1]
    return "/".join(behind)


def fault_of(name: str, links: Mapping[str, str]) -> str:
    """What is wrong with one of the links, and what to do; empty when it stays in the folder."""
    written = links[name]
    try:
        resolve(name, links)
    except LeadsOut:
        remedy = "put `source` at the folder that holds both, or copy what it leads to"
        return f"is a link to {written}, which is out of the project's folder; {remedy}"
    except LeadsNowhere:
        return f"is a link to {written}, which leads back to itself; let it lead to a file, or take it out"
    return ""
