"""What each role asked for and got, and what it must not get.

MiniStack's evaluator decides on every request of the rehearsal. So a login that works
shows that its requests are allowed. This file shows that other requests are denied.
"""

import collections
import os
import re

from botocore.exceptions import ClientError

def action_of(request):
    """The name of the operation that a noted request asked for."""
    target = request.headers.get("x-amz-target")
    if target:
        return target.split(".")[-1]
    named = re.search(rb"Action=(\w+)", request.body)
    if named:
        return named[1].decode()
    return "SendEmail" if request.path.endswith("outbound-emails") else request.path


def credentials_of(function):
    """The credentials that MiniStack gave to a running function."""
    os.environ["AUTH"] = "true"
    from ministack.core.lambda_runtime import execution_credentials
    return execution_credentials({"FunctionArn": function["FunctionArn"],
                                  "Role": function["Role"],
                                  "FunctionName": function["FunctionName"]})


def asked(noted, callers):
    """How often each role asked for each operation."""
    names = {one.given["AWS_ACCESS_KEY_ID"]: one.name for one in callers}
    counts = collections.Counter()
    for request in noted:
        key = re.search(r"Credential=(\w+)/", request.headers.get("authorization", ""))
        counts[names.get(key and key[1], "operator"), action_of(request)] += 1
    return counts


def refused(call, **parameters):
    """Whether a request is denied by the evaluator. Any other answer means that the
    request came through."""
    try:
        call(**parameters)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert "Token" not in code and "Signature" not in code, f"the credentials: {error}"
        return code in ("AccessDenied", "AccessDeniedException", "AuthorizationError")
    return False


class Caller:
    """A function's own credentials, for requests that the function does not make."""

    def __init__(self, cloud, function, table, key, stack):
        self.name, self.table, self.key, self.stack = function["name"], table, key, stack
        self.given = credentials_of(function)

        def client(service):
            return cloud.client(service, self.given)

        self.database, self.kms, self.iam = client("dynamodb"), client("kms"), client("iam")
        self.mail, self.texts, self.functions = client("sesv2"), client("sns"), client("lambda")

    def put(self, partition):
        return refused(self.database.put_item, TableName=self.table,
                       Item={"PK": {"S": partition}, "SK": {"S": "rehearsal"}})

    def data_key(self, purpose, call="generate_data_key_without_plaintext"):
        return refused(getattr(self.kms, call), KeyId=self.key, KeySpec="AES_256",
                       EncryptionContext={"stack": self.stack, "purpose": purpose})

    def send(self, sender):
        text = {"Data": "rehearsal"}
        return refused(self.mail.send_email, FromEmailAddress=sender,
                       Content={"Simple": {"Subject": text, "Body": {"Text": text}}},
                       Destination={"ToAddresses": ["nobody@example.com"]})


ALL = {"token", "send-code", "verify", "enroll", "account", "keys", "feedback"}
SENDERS = {"token", "send-code", "enroll", "account"}
ITEM = {"PK": {"S": "OTHER#1"}, "SK": {"S": "x"}}

# Requests, the functions that may make them, and how they are made.
REQUESTS = [
    ("read another item", set(),
     lambda one: refused(one.database.get_item, TableName=one.table, Key=ITEM)),
    ("query another partition", set(),
     lambda one: refused(one.database.query, TableName=one.table,
                         KeyConditionExpression="PK = :pk",
                         ExpressionAttributeValues={":pk": {"S": "OTHER#1"}})),
    ("write another item", set(), lambda one: one.put("OTHER#1")),
    ("read another table", set(),
     lambda one: refused(one.database.get_item, TableName="another", Key=ITEM)),
    ("delete the table", set(),
     lambda one: refused(one.database.delete_table, TableName=one.table)),
    ("make a data key of another purpose", set(), lambda one: one.data_key("another")),
    ("make a readable data key", set(),
     lambda one: one.data_key("signing", "generate_data_key")),
    ("delete the data key", set(),
     lambda one: refused(one.kms.schedule_key_deletion, KeyId=one.key)),
    ("mail as another sender", set(), lambda one: one.send("other@example.com")),
    ("publish to a topic", set(),
     lambda one: refused(one.texts.publish, Message="x",
                         TopicArn="arn:aws:sns:us-east-1:123456789012:any")),
    ("list roles", set(), lambda one: refused(one.iam.list_roles)),
    ("read the functions' settings", set(), lambda one: refused(one.functions.list_functions)),
    ("read the whole table", {"keys"},
     lambda one: refused(one.database.scan, TableName=one.table)),
    ("write a key", {"keys"}, lambda one: one.put("KEYS")),
    ("make a data key", {"keys"}, lambda one: one.data_key("tokens")),
    ("write an event", ALL, lambda one: one.put("EVENTS#rehearsal")),
    ("mail as the sender", SENDERS, lambda one: one.send("login@example.com")),
    ("send a text message", SENDERS,
     lambda one: refused(one.texts.publish, PhoneNumber="+12125550199", Message="x")),
]


def wrong_decisions(callers):
    """The requests on which MiniStack decided otherwise than this list."""
    for what, allowed, is_refused in REQUESTS:
        for caller in callers:
            if is_refused(caller) == (caller.name in allowed):
                yield f"{caller.name}: {what}"
