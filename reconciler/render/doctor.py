"""What the doctor found, as text within 80 columns and as JSON."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from reconciler.core.doctor.finding import Finding, Verdict, healthy
from reconciler.render.screen import print_wrapped

FORMAT = 1
STYLES = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAILED: "bold red", Verdict.SKIPPED: "dim"}
WORD_WIDTH, NAME_WIDTH = 9, 16


def show_findings(findings: Sequence[Finding], console: Console) -> None:
    """Print a line for each, what to do below what is not well, and one line that sums it up."""
    for finding in findings:
        _show(finding, console)
    console.print()
    console.print(Text(summary(findings), style="bold"))


def summary(findings: Sequence[Finding]) -> str:
    """The last line."""
    counts = Counter(one.verdict for one in findings)
    warnings = counts[Verdict.WARNING]
    return (
        f"{counts[Verdict.OK]} ok, {warnings} warning{'' if warnings == 1 else 's'}, "
        f"{counts[Verdict.FAILED]} failed, {counts[Verdict.SKIPPED]} skipped."
    )


def findings_document(manifest: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """Everything, ready for JSON."""
    return {
        "format": FORMAT,
        "manifest": manifest,
        "healthy": healthy(findings),
        "summary": summary(findings),
        "findings": [
            {"check": one.check, "verdict": one.verdict.value, "found": one.found, "fix": one.fix or None}
            for one in findings
        ],
    }


def _show(finding: Finding, console: Console) -> None:
    word = Text(f"{finding.verdict:<{WORD_WIDTH}}", style=STYLES[finding.verdict])
    first = Text.assemble(word, f"{finding.check:<{NAME_WIDTH}}")
    margin = len(first)
    print_wrapped(first + finding.found.replace("\n", " "), console, indent=0, hang=margin)
    if finding.fix:
        print_wrapped(Text(finding.fix, style="cyan"), console, indent=margin)
