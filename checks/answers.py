"""Checks with SAM's own code that `sam deploy` gets each answer of answers.toml whole.

usage: PYTHON_OF_SAM checks/answers.py, in the workspace's root
"""

import json
import sys
import tempfile
from pathlib import Path

from samcli.cli.types import CfnParameterOverridesType
from samcli.lib.config.samconfig import SamConfig

GIVEN = {
    "ProductName": "My Shop",
    "SenderAddress": "login@example.com",
    "WebhookHeaders": '{"authorization": "Bearer a b", "x-key": "it\'s"}',
}


def read(named):
    """The parameters, as SAM gives them to CloudFormation."""
    return CfnParameterOverridesType().convert(named, None, None)


options = SamConfig(".").get_all(["deploy"], "parameters")
assert options["parameter_overrides"] == "file://answers.toml", options
asked = read(options["parameter_overrides"])
assert asked["ProductName"] == "" and asked["Dialects"] == "auth0", asked
assert len(asked["FirstClientScopes"].split(" ")) == 4, asked

with tempfile.TemporaryDirectory() as folder:
    secrets = Path(folder, "secrets.toml")
    # A text of JSON is a text of TOML too.
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in GIVEN.items()]
    secrets.write_text("".join(lines))
    both = read(("file://answers.toml", f"file://{secrets}"))
wrong = {name: both.get(name) for name, value in GIVEN.items() if both.get(name) != value}
print(f"{len(asked)} answers, {len(GIVEN)} with spaces and quotes, {len(wrong)} cut")
sys.exit(1 if wrong or asked.keys() - both.keys() else 0)
