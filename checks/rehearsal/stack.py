"""The stack: the built template, transformed as AWS does, created, updated, deleted."""

import io
import json
import os
import time
import tomllib
import zipfile
from pathlib import Path

from botocore.exceptions import ClientError
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from cloud import REGION

BUCKET = "rehearsal"


class NoManagedPolicies(dict):
    """The template names no policy of AWS's."""

    def load(self):
        return self


def answers(file, **given):
    """The answers of `answers.toml`, with these in place of its own."""
    return {**tomllib.loads(Path(file).read_text()), **given}


def packaged(cloud, template_file):
    """Uploads each built function, as `sam deploy` does, and expands the template."""
    file = Path(template_file)
    template = yaml_parse(file.read_text())
    store = cloud.client("s3")
    store.create_bucket(Bucket=BUCKET)
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        bootstrap = file.parent / resource["Properties"]["CodeUri"] / "bootstrap"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, bootstrap.read_bytes())
        store.put_object(Bucket=BUCKET, Key=name, Body=packed.getvalue())
        resource["Properties"]["CodeUri"] = {"Bucket": BUCKET, "Key": name}
    os.environ["AWS_DEFAULT_REGION"] = REGION
    return transform(template, {}, NoManagedPolicies())


class Stack:
    """A stack by its name."""

    def __init__(self, cloud, name, template):
        self.name, self.template = name, template
        self.api = cloud.client("cloudformation")
        cloud.client("s3").put_object(Bucket=BUCKET, Key="template",
                                      Body=json.dumps(template).encode())
        self.where = {"TemplateURL": f"https://localhost:{cloud.port}/{BUCKET}/template"}

    def create(self, parameters):
        return self.change(self.api.create_stack, parameters)

    def update(self, parameters):
        return self.change(self.api.update_stack, parameters)

    def change(self, how, parameters):
        """Returns the status that the stack ends in, and the seconds that it took."""
        began = time.monotonic()
        given = [{"ParameterKey": name, "ParameterValue": value}
                 for name, value in parameters.items()]
        how(StackName=self.name, Parameters=given, Capabilities=["CAPABILITY_IAM"], **self.where)
        return self.settled(), time.monotonic() - began

    def delete(self):
        began = time.monotonic()
        # Afterwards a deleted stack is found by its identifier only.
        name, self.name = self.name, self.described()["StackId"]
        self.api.delete_stack(StackName=self.name)
        status = self.settled()
        self.name = name
        return status, time.monotonic() - began

    def described(self):
        return self.api.describe_stacks(StackName=self.name)["Stacks"][0]

    def settled(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                status = self.described()["StackStatus"]
            except ClientError as error:
                if "does not exist" in str(error):
                    return "DELETE_COMPLETE"
                raise
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(0.1)
        return status

    def outputs(self):
        return {one["OutputKey"]: one["OutputValue"] for one in self.described()["Outputs"]}

    def pages(self, call, member):
        found, more = [], {}
        while True:
            page = call(StackName=self.name, **more)
            found += page[member]
            if not page.get("NextToken"):
                return found
            more = {"NextToken": page["NextToken"]}

    def resources(self):
        """Each resource by its name in the template."""
        found = self.pages(self.api.list_stack_resources, "StackResourceSummaries")
        return {one["LogicalResourceId"]: one for one in found}

    def failures(self):
        """Why resources failed, the newest first."""
        events = self.pages(self.api.describe_stack_events, "StackEvents")
        return [f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason', '')}"
                for one in events if one["ResourceStatus"].endswith("FAILED")]
