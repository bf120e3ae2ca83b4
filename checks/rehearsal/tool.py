"""The operators' tool, with AWS on the emulator and the rights of the operator's role."""

import json
import os
import subprocess

from cloud import ACCOUNT, REGION, ROOT


class Tool:
    def __init__(self, program, cloud, passage, stack):
        self.program, self.stack = program, stack
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(cloud.folder), "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": passage.url, "SSL_CERT_FILE": str(cloud.authority), **ROOT,
        }

    def as_operator(self, cloud, role):
        """From now on, the tool has the rights of this role and no others."""
        given = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="ann")["Credentials"]
        self.environment.update({
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"]})

    def run(self, *command):
        """The exit code, and what the tool printed."""
        done = subprocess.run([self.program, "--stack", self.stack, "--log-events=never", *command], text=True,
                              env=self.environment, capture_output=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def json(self, *command):
        code, printed = self.run("--json", *command)
        assert code == 0, f"{command}: exit code {code}: {printed}"
        return json.loads(printed)


def principal():
    """Who may take the operator's role."""
    return f"arn:aws:iam::{ACCOUNT}:root"
