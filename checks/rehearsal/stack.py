"""The stack: the built template, transformed as AWS does, created, updated, deleted."""

import copy
import io
import json
import os
import shutil
import subprocess
import time
import tomllib
import zipfile
from pathlib import Path

from botocore.exceptions import ClientError
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from cloud import REGION, ROOT
from terminal import Answered

BUCKET = "rehearsal"


class NoManagedPolicies(dict):
    """The template names no policy of AWS's."""

    def load(self):
        return self


def answers(file, **given):
    """The answers of `answers.toml`, with these in place of its own."""
    return {**tomllib.loads(Path(file).read_text()), **given}


# Resources that the emulator refuses, so the rehearsed stacks lack them.
REFUSED = {"TableErrors": "alarms on metric math"}

# How long CloudFormation waits for the custom resource, in seconds. Bounded, because the
# rehearsal also shows what happens if nothing answers.
PATIENCE = 10


def in_region(value):
    """A condition of the template. MiniStack's conditions do not know `AWS::Region`."""
    if value == {"Ref": "AWS::Region"}:
        return REGION
    if isinstance(value, dict):
        return {name: in_region(part) for name, part in value.items()}
    return [in_region(part) for part in value] if isinstance(value, list) else value


def read(file):
    """The built template, without what the emulator refuses."""
    template = yaml_parse(Path(file).read_text())
    template["Conditions"] = in_region(template["Conditions"])
    for name in REFUSED:
        del template["Resources"][name]
    template["Resources"]["FirstKeys"]["Properties"]["ServiceTimeout"] = PATIENCE
    return template


def code_of(file, resource):
    """The name of the property with a function's code, and the folder that it names."""
    for property in ("CodeUri", "Code"):
        if isinstance(folder := resource.get("Properties", {}).get(property), str):
            return property, Path(file).parent / folder
    return None, None


def packaged(cloud, file):
    """Uploads each built function, as `sam deploy` does. Returns the template that names
    the uploads."""
    template = read(file)
    store = cloud.client("s3")
    store.create_bucket(Bucket=BUCKET)
    for name, resource in template["Resources"].items():
        property, folder = code_of(file, resource)
        if property is None:
            continue
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, (folder / "bootstrap").read_bytes())
        store.put_object(Bucket=BUCKET, Key=name, Body=packed.getvalue())
        prefix = "" if property == "CodeUri" else "S3"
        resource["Properties"][property] = {f"{prefix}Bucket": BUCKET, f"{prefix}Key": name}
    return template


def expanded(template):
    """The template as CloudFormation creates it, after SAM's transform."""
    os.environ["AWS_DEFAULT_REGION"] = REGION
    return transform(copy.deepcopy(template), {}, NoManagedPolicies())


def as_toml(values):
    """A file of answers. A text of JSON is a text of TOML too."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def environment_of_sam(cloud):
    """What SAM's own program needs to find the emulator."""
    settings = cloud.folder / "aws.config"
    settings.write_text("[default]\ns3 =\n  addressing_style = path\n")
    # SAM asks PyPI once a week for a newer version of itself.
    memory = cloud.folder / ".aws-sam" / "metadata.json"
    memory.parent.mkdir(exist_ok=True)
    memory.write_text(json.dumps({"lastVersionCheck": time.time()}))
    return {
        "PATH": os.environ["PATH"], "HOME": str(cloud.folder), "SAM_CLI_TELEMETRY": "0",
        "AWS_ENDPOINT_URL": f"https://localhost:{cloud.port}", "AWS_CONFIG_FILE": str(settings),
        "AWS_CA_BUNDLE": str(cloud.authority), "AWS_DEFAULT_REGION": REGION, **ROOT}


def with_one_upload(file, template):
    """The template as `sam build` leaves it, for one function. SAM uploads this function
    itself; the others are there already."""
    template = copy.deepcopy(template)
    uploaded = template["Resources"]["KeysFunction"]["Properties"]
    uploaded["CodeUri"] = str(Path(file).parent / "KeysFunction")
    return json.dumps(template)


def deployed_by_sam(cloud, sam, file, template, name, given):
    """Deploys with SAM's own program, as docs/deploy.md says. Returns its exit code, and
    what it printed."""
    built, answered = cloud.folder / "template.json", cloud.folder / "given.toml"
    built.write_text(with_one_upload(file, template))
    answered.write_text(as_toml(given))
    done = subprocess.run(
        [sam, "deploy", "--config-file", Path("samconfig.toml").resolve(), "--template-file", built,
         "--stack-name", name, "--no-confirm-changeset",
         "--parameter-overrides", f"file://{answered}"],
        env=environment_of_sam(cloud), capture_output=True, text=True, timeout=150)
    return done.returncode, done.stdout + done.stderr


def guided(cloud, program, packaged, given, secrets):
    """The template for `sam deploy --guided`, which the operators' tool makes of the answers
    in the folder of the emulator. The first two questions have no answer yet."""
    folder = cloud.folder / "infra"
    folder.mkdir()
    shutil.copy("infra/template.yaml", folder)
    files = [cloud.folder / "answers.toml", cloud.folder / "secrets.toml"]
    files[0].write_text(as_toml({**given, "ProductName": "", "SenderAddress": ""}))
    files[1].write_text(as_toml(secrets))
    written = folder / "guided.json"
    told = subprocess.run(
        [program, "doctor", "--settings", files[0], "--settings", files[1],
         "--write-template", written], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stdout + told.stderr
    template = json.loads(written.read_text())
    for secret in secrets.values():
        assert secret not in written.read_text()
    # From here on, as `packaged`: without what the emulator refuses, and with the uploads.
    template["Conditions"] = in_region(template["Conditions"])
    resources = template["Resources"]
    for name in REFUSED:
        del resources[name]
    resources["FirstKeys"]["Properties"]["ServiceTimeout"] = PATIENCE
    for name, resource in packaged["Resources"].items():
        for property in ("CodeUri", "Code"):
            if property in resource.get("Properties", {}):
                resources[name]["Properties"][property] = resource["Properties"][property]
    return template


def deployed_by_guide(cloud, sam, file, template, answers):
    """Deploys with `sam deploy --guided`. Somebody answers at the terminal."""
    shutil.copy("samconfig.toml", cloud.folder)
    built = cloud.folder / "guided.json"
    built.write_text(with_one_upload(file, template))
    command = [sam, "deploy", "--guided", "--config-file", cloud.folder / "samconfig.toml",
               "--template-file", built]
    return Answered(command, environment_of_sam(cloud), cloud.folder, answers)


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
