#!/usr/bin/env python3
"""Prints an event with its placeholders filled, also inside a base64 body.

usage: events/fill.py EVENT.json NAME=VALUE... > FILLED.json
"""

import base64
import json
import re
import sys

PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def fill(value, values):
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: values[found[1]], value)
    if isinstance(value, list):
        return [fill(item, values) for item in value]
    if isinstance(value, dict):
        return {name: fill(member, values) for name, member in value.items()}
    return value


def main(file, *pairs):
    values = dict(pair.split("=", 1) for pair in pairs)
    with open(file, encoding="utf-8") as text:
        event = json.load(text)
    encoded = event.get("isBase64Encoded")
    if encoded:
        event["body"] = base64.b64decode(event["body"]).decode()
    try:
        event = fill(event, values)
    except KeyError as missing:
        sys.exit(f"{file} needs {missing.args[0]}=VALUE")
    if encoded:
        event["body"] = base64.b64encode(event["body"].encode()).decode()
    json.dump(event, sys.stdout, indent=2)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not all("=" in pair for pair in sys.argv[2:]):
        sys.exit(__doc__)
    main(*sys.argv[1:])
