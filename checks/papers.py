"""Runs the commands of a paper against a running `cargo local`, as the paper writes them.

Each `sh` block is run, in the order of the paper, in one shell. A block with a line
`<!-- needs: … -->` or `<!-- run by: … -->` before it is not. If a `json` block follows,
the answers of the commands must hold what it shows: each member with its value, where
`…` stands for any text. A refusal that the paper does not show fails the paper.

usage: python3 checks/papers.py HTTP_URL HTTPS_URL PAPER
"""

import json
import re
import subprocess
import sys
from pathlib import Path

BLOCK = re.compile(r"(?P<before>[^\n]*)\n```(?P<language>\w*)\n(?P<text>.*?)\n```(?=\n|$)", re.S)
MARK = re.compile(r"<!-- (needs|run by): .+ -->")


def blocks(text):
    """The commands that are run, each with the JSON that is shown after it, if any."""
    found, running = [], False
    for block in BLOCK.finditer("\n\n" + text):
        language = block["language"]
        if language == "sh":
            running = not MARK.fullmatch(block["before"])
            if running:
                found.append([block["text"], None])
        elif language == "json" and running:
            found[-1][1] = json.loads(block["text"])
            running = False
        else:
            running = False
    return found


def values(text):
    """Every JSON value that stands in an output."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            at += 1
            continue
        if isinstance(value, (dict, list)):
            yield value


def holds(value, shown):
    """Whether an answer holds what a paper shows."""
    if isinstance(shown, dict):
        return isinstance(value, dict) and all(
            name in value and holds(value[name], part) for name, part in shown.items())
    if isinstance(shown, list):
        return (isinstance(value, list) and len(value) == len(shown)
                and all(map(holds, value, shown)))
    return isinstance(value, str) and value != "" if shown == "…" else value == shown


def main():
    http, https, paper = sys.argv[1].rstrip("/"), sys.argv[2].rstrip("/"), Path(sys.argv[3])
    commands = blocks(paper.read_text())
    mark = "-- end of a block of the paper --"
    script = ["set -euo pipefail", "exec 2>&1"]
    for text, _ in commands:
        text = text.replace("http://127.0.0.1:8787", http)
        script.append(text.replace("https://localhost:8788", https))
        for name in re.findall(r"^(\w+)=\$\(", text, re.M):
            # `jq` writes `null` for a member that a refusal does not have.
            script.append(f'[[ ${name} != null && ${name} ]] || {{ echo "no {name}"; exit 1; }}')
        script.append(f"echo; echo '{mark}'")
    Path("target").mkdir(exist_ok=True)
    done = subprocess.run(["bash", "-c", "\n".join(script)], capture_output=True, text=True,
                          timeout=120)
    outputs = done.stdout.split(mark)
    failed = done.returncode != 0 or len(outputs) != len(commands) + 1
    for (text, shown), output in zip(commands, outputs):
        answers = list(values(output))
        if shown is None:
            right = not any(isinstance(answer, dict) and "error" in answer for answer in answers)
        else:
            right = any(holds(answer, shown) for answer in answers)
        failed |= not right
        print("ok    " if right else "FAILED", text.splitlines()[0])
        if not right:
            print(output)
    if done.returncode != 0:
        print(done.stdout[-2000:], done.stderr)
    print(f"{paper}: {len(commands)} blocks")
    if failed or not commands:
        sys.exit(1)


main()
