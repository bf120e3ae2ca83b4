"""The acts of the rehearsal, in their order."""

import collections
import json
import re
import time

from botocore.exceptions import ClientError

import access
import logins
from api import Api, Mailbox
from stack import (Stack, answers, deployed_by_guide, deployed_by_sam, expanded, guided,
                   packaged)
from tool import Tool, principal

HERE = "MiniStack"


# What `doctor` finds at least: that MiniStack forgets two settings of the table, signs no e-mail and
# knows no sandbox, and that the first client has no redirect URI.
FINDINGS = ["clients: shop-app signs users in by a browser, and has no redirect URI",
            "table: point-in-time recovery is off", "table: the attribute ttl is not",
            "e-mail: no DKIM key", "text messages: the sandbox is not known",
            "text messages: the spend limit is not known"]


class Rehearsal:
    def __init__(self, report, cloud, aws, front, built, program, sam):
        self.report, self.cloud, self.aws, self.front = report, cloud, aws, front
        self.built, self.program, self.sam = built, program, sam
        self.api, self.mailbox = Api(front), Mailbox(cloud)
        self.name, self.kinds, self.ends = "countersign", collections.Counter(), {}

    def act(self, what, where=HERE):
        return self.report.act(what, where)

    def run(self):
        with self.act("build, package and expand", "SAM's translator"):
            self.packaged = packaged(self.cloud, self.built)
            self.template = expanded(self.packaged)
            self.asks_again()
        self.cloud.client("sesv2").create_email_identity(EmailIdentity="login@example.com")
        self.given = answers(
            "answers.toml", ProductName="My Shop", SenderAddress="login@example.com",
            SmsCountries="+1", Dialects="auth0,abp,codemaze,aidbox", CodeMazeClient="shop-app",
            FirstClientId="shop-app", FirstClientAudience=logins.API,
            AlarmEmail="ops@example.com", MfaPolicy="required",
            OperatorPrincipalArn=principal(), LinkOrigins="https://app.example.com")
        self.create()
        self.operate()
        self.sign_in()
        self.try_it()
        self.upkeep()
        self.decide()
        self.update()
        self.refuse()
        self.delete()
        self.fail_first()
        self.stand_behind_an_edge()

    def asks_again(self):
        """A deployment asks `keys` again if any setting of any function changes."""
        resources = self.template["Resources"]
        asked = resources["FirstKeys"]["Properties"]["Settings"]
        for name, resource in resources.items():
            if resource["Type"] == "AWS::Lambda::Function" and name != "ProtectedFunction":
                settings = resource["Properties"]["Environment"]["Variables"]
                assert asked == settings, f"FirstKeys lacks settings of {name}"

    def create(self):
        with self.act("create the stack") as told:
            self.stack = Stack(self.cloud, self.name, self.template)
            status, seconds = self.stack.create(self.given)
            assert status == "CREATE_COMPLETE", (status, self.stack.failures())
            told.append(f"{len(self.stack.resources())} resources")
            self.note(self.stack)
        self.outputs = self.stack.outputs()
        self.issuer = self.outputs["Issuer"]
        self.front.host = self.outputs["ApiUrl"].split("/")[2]
        with self.act("the first keys, by CloudFormation's custom resource"):
            metadata = self.api.ask(200, "/.well-known/openid-configuration")
            assert metadata["issuer"] == self.issuer
            assert len(self.api.ask(200, "/.well-known/jwks.json")["keys"]) == 1

    def note(self, stack):
        """Keeps which kinds of resources there were, and how many at most."""
        found = stack.resources().values()
        self.kinds |= collections.Counter(one["ResourceType"] for one in found)
        for one in found:
            self.ends.setdefault(one["ResourceType"], set()).add(one["ResourceStatus"])

    def operate(self):
        self.tool = Tool(self.program, self.cloud, self.aws, self.name)
        self.tool.as_operator(self.cloud, self.outputs["OperatorRoleArn"])
        with self.act("users and a client, by the operators' tool in its role") as told:
            first = self.tool.json("client", "show", "shop-app")
            assert first["audiences"][0] == logins.API, first
            self.tool.json("client", "add", logins.CLIENT, "--for", "mobile",
                           "--audience", logins.API, "--audience", "{issuer}api/account/",
                           "--audience", "{issuer}mfa/", "--scope", "offline_access",
                           "--scope", "enroll")
            for user in (["ann@example.com"],
                         ["dan@example.com", "--phone", "+12125550100", "--phone-confirmed"]):
                self.tool.json("user", "add", "--email-confirmed", "--email", *user)
            acts = self.tool.json("acts", "list")
            told.append(f"{len(acts)} acts listed")
        with self.act("countersign doctor") as told:
            code, printed = self.tool.run("doctor")
            found = [line for line in printed.splitlines() if line and line[0] != " "]
            for finding in FINDINGS:
                assert any(line.startswith(finding) for line in found), (code, printed)
            told += [line for line in found if not line.startswith(tuple(FINDINGS))]

    def sign_in(self):
        for login, values in [
                (logins.auth0, ["ann@example.com"]), (logins.abp, ["bea@example.com"]),
                (logins.codemaze, ["cleo@example.com"]),
                (logins.aidbox, ["dan@example.com", "+12125550100"])]:
            with self.act(f"a login in the dialect {login.__name__}") as told:
                told += login(self.api, self.mailbox, self.issuer, *values)

    def try_it(self):
        with self.act("countersign try") as told:
            code, printed = self.tool.run("try", "--url", self.front.url)
            wrong = [line for line in printed.splitlines() if ": " in line
                     and not line.endswith(", as expected")]
            assert code == 0, "; ".join(wrong)
            told.append(f"{len(printed.splitlines())} answers")

    def functions(self):
        """The functions of the stack by the names of their binaries."""
        found = {}
        for name, resource in self.stack.resources().items():
            if resource["ResourceType"] == "AWS::Lambda::Function":
                config = self.cloud.client("lambda").get_function_configuration(
                    FunctionName=resource["PhysicalResourceId"])
                group = config["LoggingConfig"]["LogGroup"]
                found[group.removeprefix(f"/aws/lambda/{self.name}-")] = config
        return found

    def invoke(self, function, event):
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.functions()[function]["FunctionName"], Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        return payload, "FunctionError" in answer

    def upkeep(self):
        with self.act("the daily schedule") as told:
            rules = self.cloud.client("events").list_rules()["Rules"]
            assert any(one.get("ScheduleExpression") == "rate(1 day)" for one in rules), rules
            done, failed = self.invoke("keys", {
                "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
            assert not failed, done
            told.append(json.dumps(done))
        with self.act("a bounced e-mail, as SES reports it") as told:
            done, failed = self.invoke("feedback", bounce("ann@example.com"))
            assert not failed and done == {"reports": 1, "marked": 1}, done
            shown = self.tool.json("user", "show", "ann@example.com")
            assert shown["came_back"], shown

    def decide(self):
        functions = self.functions()
        functions.pop("protected-api", None)
        key = self.outputs["DataKeyArn"]
        callers = [access.Caller(self.cloud, {**config, "name": name}, self.outputs["TableName"],
                                 key, self.name) for name, config in functions.items()]
        self.counts = access.asked(self.aws.noted, callers)
        with self.act("each request allowed by its role") as told:
            denied = [one for one in self.aws.noted
                      if one.status == 403 or b"AccessDenied" in one.answer]
            assert not denied, [(access.action_of(one), one.answer[:300]) for one in denied]
            told.append(f"{self.counts.total()} requests of {len(callers)} functions and the tool")
        with self.act("other requests denied") as told:
            wrong = list(access.wrong_decisions(callers))
            assert not wrong, wrong
            told.append(f"{len(access.REQUESTS) * len(callers)} decisions")

        with self.act("the functions' logs hold no error"):
            errors = self.cloud.errors()
            assert not errors, errors

    def brand(self):
        return self.api.ask(200, "/auth/login").text

    def update(self):
        assert "Rehearsed" not in self.brand()
        with self.act("an update brings changed settings") as told:
            self.given.update(ThemeBrand="Rehearsed", DeliveryReports="true",
                              EventBus="on", ProtectedApiExample="true",
                              ProtectedApiAudience=logins.API)
            status, seconds = self.stack.update(self.given)
            assert status == "UPDATE_COMPLETE", (status, self.stack.failures())
            assert "Rehearsed" in self.brand()
            assert self.stack.outputs()["EmailConfigurationSetName"]
            told.append(f"{len(self.stack.resources())} resources")
            self.note(self.stack)
        with self.act("a login after the update, with the configuration set"):
            logins.codemaze(self.api, self.mailbox, self.issuer, "eva@example.com")
        with self.act("every route reaches its function") as told:
            told.append(f"{self.visit()} routes")
        with self.act("a protected API behind the gateway's JWT authorizer") as told:
            self.protect()
            told.append("the example reads the keys by the issuer's name, which is unknown here")

    def visit(self):
        """Calls each route of the stack without a word. The functions give each answer an
        id, and the gateway's own refusals have none."""
        api = self.outputs["ApiUrl"].split("//")[1].split(".")[0]
        pages = self.cloud.client("apigatewayv2").get_paginator("get_routes").paginate(ApiId=api)
        routes = [one["RouteKey"] for page in pages for one in page["Items"]]
        for route in routes:
            method, path = route.split(" ")
            if method == "OPTIONS":
                # MiniStack answers each preflight itself, also for an API without a
                # configuration of CORS (docs/deploy.md).
                continue
            answer = self.api.call(method, re.sub(r"\{[^}]*\}", "rehearsal", path))
            # A function that does not have the route answers 404. So does a right one to a
            # path that nobody has.
            wrong = answer.status in (404, 405) and "{proxy+}" not in path
            assert answer.status < 500 and not wrong, f"{route}: {answer.status}"
            assert answer.headers["x-request-id"], f"{route}: {answer.status} {answer.text}"
        return len(routes)

    def protect(self):
        secret = self.tool.json("client", "add", "machine", "--for", "machine",
                                "--audience", logins.API, "--scope", "read:sample")["secret"]
        token = self.api.ask(200, "/oauth/token", form={
            "grant_type": "client_credentials", "client_id": "machine",
            "client_secret": secret, "audience": logins.API})["access_token"]
        api = self.front.host
        self.front.host = self.stack.outputs()["ProtectedApiUrl"].split("/")[2]
        try:
            self.api.ask(401, "/orders")
            self.api.ask(401, "/orders", bearer=token[:-4])
            # The authorizer lets this token through. The function then finds no keys.
            self.api.ask(503, "/orders", bearer=token)
        finally:
            self.front.host = api

    def refuse(self):
        for what, wrong in [
                ("a value that the template's pattern refuses", {"SmsCountries": "England"}),
                ("a combination that the template's rules refuse", {"CodeMazeClient": ""})]:
            with self.act(f"an update with {what}") as told:
                try:
                    self.stack.update({**self.given, **wrong})
                except ClientError as error:
                    told.append(error.response["Error"]["Message"][:150])
                else:
                    raise AssertionError("the update was not refused")
                self.brand()
        with self.act("an update with a setting that only the program refuses") as told:
            status, seconds = self.stack.update({**self.given, **ONLY_THE_PROGRAM_REFUSES})
            told.append(f"{status} after {seconds:.1f} s")
            assert status == "UPDATE_ROLLBACK_COMPLETE", status
            told.append(told_by(self.stack))
        with self.act("the settings before it, after the roll-back"):
            assert "Rehearsed" in self.brand()

    def delete(self):
        with self.act("delete the stack; table and keys stay"):
            table, key = self.outputs["TableName"], self.outputs["DataKeyArn"]
            status, _ = self.stack.delete()
            assert status == "DELETE_COMPLETE", (status, self.stack.failures())
            kept = self.cloud.client("dynamodb").describe_table(TableName=table)["Table"]
            assert kept["DeletionProtectionEnabled"], kept
            described = self.cloud.client("kms").describe_key(KeyId=key)["KeyMetadata"]
            assert described["KeyState"] == "Enabled", described

    def fail_first(self):
        """A first deployment that fails, and the next one."""
        stack = Stack(self.cloud, "second", self.template)
        with self.act("a first deployment with a setting that only the program refuses") as told:
            status, seconds = stack.create({**self.given, **ONLY_THE_PROGRAM_REFUSES})
            told.append(f"{status} after {seconds:.1f} s")
            assert status == "ROLLBACK_COMPLETE", status
            told.append(told_by(stack))
        with self.act("the next first deployment, by `sam deploy`", "SAM, MiniStack") as told:
            status, _ = stack.delete()
            assert status == "DELETE_COMPLETE", status
            code, printed = deployed_by_sam(self.cloud, self.sam, self.built, self.packaged,
                                            stack.name, self.given)
            assert code == 0, printed[-2000:]
            assert stack.described()["StackStatus"] == "CREATE_COMPLETE"
            self.front.host = stack.outputs()["ApiUrl"].split("/")[2]
            assert self.api.ask(200, "/.well-known/jwks.json")["keys"]

    def stand_behind_an_edge(self):
        """A stack with a domain, CloudFront and WAF in front, by `sam deploy --guided`."""
        what = "`sam deploy --guided`: a domain, CloudFront and WAF"
        with self.act(what, "SAM, MiniStack") as told:
            certificate = self.cloud.client("acm").request_certificate(
                DomainName="login.example.com")["CertificateArn"]
            zone = self.cloud.client("route53").create_hosted_zone(
                Name="example.com", CallerReference="rehearsal")["HostedZone"]["Id"]
            template = guided(self.cloud, self.program, self.packaged, {
                **self.given, "DomainName": "login.example.com", "CertificateArn": certificate,
                "EdgeCertificateArn": certificate, "HostedZoneId": zone.split("/")[-1],
                "ProtectedApiExample": "false"}, {"EdgeSecret": SECRET})
            deployed = deployed_by_guide(self.cloud, self.sam, self.built, template, {
                "Stack Name": "third", "ProductName": "My Shop", "EdgeSecret": SECRET,
                "SenderAddress": "login@example.com", "Deploy this changeset?": "y"})
            assert deployed.code == 0, deployed.printed[-2000:]
            asked = [one for one in deployed.asked if one in (*template["Parameters"], "AWS Region")]
            asked.remove("EdgeSecret")
            assert len(asked) == len(set(asked)) <= 8, asked
            told.append(f"asked {', '.join(asked)} and the secret")
            assert SECRET not in deployed.printed
            stack = Stack(self.cloud, "third", expanded(template))
            assert stack.described()["StackStatus"] == "CREATE_COMPLETE", stack.failures()
            assert stack.outputs()["Issuer"] == "https://login.example.com/"
            told.append(f"{len(stack.resources())} resources")
            assert {"Edge", "EdgeWebAcl", "ApiRecord"} <= stack.resources().keys()
            self.note(stack)
            self.front.host = "login.example.com"
            self.api.ask(400, "/.well-known/jwks.json")
            self.api.headers = {"x-countersign-edge": SECRET,
                                "cloudfront-viewer-address": "198.51.100.7:443"}
            assert self.api.ask(200, "/.well-known/jwks.json")["keys"]
        with self.act("a login on the guided stack") as told:
            assert "Rehearsed" in self.brand()
            tool = Tool(self.program, self.cloud, self.aws, "third")
            tool.json("client", "add", logins.CLIENT, "--for", "mobile",
                      "--audience", logins.API, "--audience", "{issuer}api/account/",
                      "--scope", "offline_access")
            told += logins.abp(self.api, self.mailbox, "https://login.example.com/",
                               "fay@example.com")


SECRET = "rehearsal-rehearsal-rehearsal-rehearsal"

# A country twice.
ONLY_THE_PROGRAM_REFUSES = {"SmsCountries": "+1,+1"}


def told_by(stack):
    """The event of the stack that names the setting that is wrong."""
    for why in stack.failures():
        if "SMS_COUNTRIES" in why:
            return why
    raise AssertionError(stack.failures())


def bounce(address):
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    return {
        "version": "0", "id": "1", "detail-type": "Email Bounced", "source": "aws.ses",
        "time": now, "detail": {
            "eventType": "Bounce",
            "mail": {"timestamp": now, "messageId": "m-1", "destination": [address]},
            "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "timestamp": now,
                       "bouncedRecipients": [{"emailAddress": address}]}}}
