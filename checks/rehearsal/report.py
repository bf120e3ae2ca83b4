"""What ran, where, and what came of it."""

import contextlib
import time
import traceback


class Report:
    def __init__(self):
        self.rows, self.failed = [], 0

    @contextlib.contextmanager
    def act(self, what, where):
        """An act of the rehearsal. A failed act does not stop the later ones. What is
        appended to the list that this gives is told beside the act."""
        began, told = time.monotonic(), []
        try:
            yield told
            result = "passed"
        except Exception as error:  # every failure is a row of the table
            told.append(str(error) or repr(error))
            self.failed += 1
            result = "FAILED"
            traceback.print_exc()
        self.rows.append((what, where, f"{result} in {time.monotonic() - began:.1f} s",
                          "; ".join(map(str, told))))
        print(f"{result:7} {what}: {'; '.join(map(str, told))}", flush=True)

    def print(self):
        table("what", [("what", "where", "result", "told"), *self.rows])


def table(title, rows):
    print(f"\n== {title}")
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows)]
    for row in rows:
        cells = [str(cell).ljust(width) for cell, width in zip(row, widths)]
        print("  ".join(cells).rstrip())
