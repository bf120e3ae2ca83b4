"""`sam deploy --guided` at a terminal, with somebody who answers."""

import os
import pty
import re
import subprocess
import time

# What SAM asks, as the last line at the terminal.
QUESTION = re.compile(
    r"(?P<what>Parameter (?P<parameter>\w+)|Stack Name|AWS Region|SAM configuration \w+"
    r"|[^\n]*(?= \[[Yy]/[Nn]\]))( \[[^\n]*\])?: $")
STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Answered:
    """A program that ran at a terminal: its exit code, what it printed, and what it asked."""

    def __init__(self, command, environment, folder, answers, seconds=150):
        self.printed, self.asked = "", []
        own, its = pty.openpty()
        program = subprocess.Popen(command, env=environment, cwd=folder, stdin=its, stdout=its,
                                   stderr=its, start_new_session=True)
        os.close(its)
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                try:
                    told = os.read(own, 65536)
                except OSError:  # the program has closed the terminal
                    break
                if not told:
                    break
                self.printed += STYLE.sub("", told.decode(errors="replace")).replace("\r", "")
                if question := QUESTION.search(self.printed.rsplit("\n", 1)[-1]):
                    self.asked.append(question["parameter"] or question["what"].strip())
                    # Everything else is answered by Enter.
                    answer = answers.get(self.asked[-1], "")
                    os.write(own, f"{answer}\n".encode())
                    self.printed += "\n"
            self.code = program.wait(max(1, deadline - time.monotonic()))
        finally:
            program.kill()
            program.wait()
            os.close(own)
