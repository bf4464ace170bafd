"""What stays on a terminal once everything that moved has moved."""

import re

CODES = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


def left_on(sent: str) -> list[str]:
    """The rows that a terminal shows at the end, without empty ones. Only what `rich` sends is understood."""
    rows, row = [""], 0
    column = 0
    for number, code, moved, text in CODES.findall(sent):
        if code == "A":
            row = max(0, row - int(number or 1))
        elif code == "K":
            rows[row] = ""
        elif moved == "\r":
            column = 0
        elif moved == "\n":
            row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
        elif text:
            rows[row] = rows[row].ljust(column)[:column] + text + rows[row][column + len(text) :]
            column += len(text)
    return [one.rstrip() for one in rows if one.strip()]
