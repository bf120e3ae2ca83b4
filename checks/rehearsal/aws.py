"""Runs MiniStack, whose evaluator decides on each request by the policies of its caller.

MiniStack leaves out the condition keys of the request that this template's policies name.
This file tells them to the evaluator: the leading keys of a request to DynamoDB, the
encryption context of a request to KMS, and the sender of an e-mail. The decision is
MiniStack's.
"""

import contextvars
import json
import socket
from email.utils import parseaddr

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

# The body of the request that is decided on. The evaluator forgets it after the first
# decision, and a transaction needs one for each of its actions.
body_of_request = contextvars.ContextVar("rehearsal_body", default=b"")

KEY = "PK"


def leading_keys(request):
    """The partition keys that a request to DynamoDB names. Of a transaction or a batch,
    all of them: AWS does not say whether it checks each alone, and all is stricter."""
    found = []
    for name, value in request.items():
        if name in ("Key", "Item") and KEY in value:
            found.append(value[KEY]["S"])
        elif name == "Keys":
            found += [key[KEY]["S"] for key in value]
        elif name == "KeyConditionExpression":
            found += query_key(value, request)
        elif isinstance(value, dict):
            found += leading_keys(value)
        elif isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    found += leading_keys(one)
    return found


def query_key(expression, request):
    """The partition key of a query: the value that the key `PK` must equal."""
    names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
    for part in expression.replace("(", " ").replace(")", " ").split(" AND "):
        sides = [names.get(side.strip(), side.strip()) for side in part.split("=", 1)]
        if sides[0] == KEY:
            return [values[sides[1]]["S"]]
    return []


def keys_of_request(service, body):
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    if service == "dynamodb":
        keys = leading_keys(request)
        return {"dynamodb:leadingkeys": keys} if keys else {}
    if service == "kms":
        context = request.get("EncryptionContext") or {}
        return {f"kms:encryptioncontext:{name}".lower(): value for name, value in context.items()}
    if service in ("ses", "sesv2") and request.get("FromEmailAddress"):
        return {"ses:fromaddress": parseaddr(request["FromEmailAddress"])[1]}
    return {}


def resources_of(action, region, resource, body):
    """What the request is about. Of an e-mail, MiniStack does not say: the sender's
    identity, and the configuration set if the request names one."""
    if action != "ses:SendEmail" or resource != "*":
        return [resource]
    request = json.loads(body)
    prefix = f"arn:aws:ses:{region}:{get_account_id()}"
    named = [f"{prefix}:identity/{parseaddr(request['FromEmailAddress'])[1]}"]
    if request.get("ConfigurationSetName"):
        named.append(f"{prefix}:configuration-set/{request['ConfigurationSetName']}")
    return named


def with_keys_of_request(enforce):
    """MiniStack's decision, told the keys. A request must be allowed on each resource."""
    def enforce_with_keys(access_key_id, iam_action, service, region, resource_arn="*",
                          service_context=None):
        signed = iam_evaluator._signed_request.get()
        if signed is not None:
            body_of_request.set(signed.body)
        body = body_of_request.get()
        told = {**keys_of_request(service, body), **(service_context or {})}
        for resource in resources_of(iam_action, region, resource_arn, body):
            denied = enforce(access_key_id, iam_action, service, region, resource, told)
            if denied is not None:
                return denied
        return None
    return enforce_with_keys


def loopback(find):
    """Names below `localhost` are this machine (RFC 6761 6.3), such as the API's, where
    MiniStack's JWT authorizer reads the keys. The C library does not know them."""
    def found(host, *rest, **options):
        if isinstance(host, str) and host.endswith(".localhost"):
            host = "127.0.0.1"
        return find(host, *rest, **options)
    return found


socket.getaddrinfo = loopback(socket.getaddrinfo)
iam_evaluator.enforce = with_keys_of_request(iam_evaluator.enforce)
# MiniStack would also serve on port 443 of this machine.
app._port_is_bindable = lambda *_: False
app.main()
