"""Imports many users of each system into a running `cargo local`, and kills the
import at three places. Then signs in a sample of the users, with password and second
factor, in the dialect of the old system.

    imports.py ROWS HTTP DATA COUNTERSIGN [FORMAT...]

ROWS is the number of users of each format, HTTP the address of `cargo local`, DATA
its folder, COUNTERSIGN the operators' tool.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import users

# The memory limit in MiB. It does not depend on the number of rows.
MOST_MEMORY = 64
KILLED_AT = (0.2, 0.5, 0.8)
SAMPLE = 10


def ask(url, body=None, form=None):
    data = json.dumps(body).encode() if body else None
    if form:
        data = urllib.parse.urlencode(form).encode()
    kind = "application/json" if body else "application/x-www-form-urlencoded"
    request = urllib.request.Request(url, data, {"content-type": kind} if data else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def expect(right, *what):
    if not right:
        sys.exit("\n".join(str(one) for one in what))


class Import:
    """The import of one file."""

    def __init__(self, tool, data, kind, rows, folder):
        self.kind, self.rows, self.folder = kind, rows, folder
        self.rejects = os.path.join(folder, f"{kind}-rejects.ndjson")
        self.file = users.write(kind, rows, folder)
        self.command = [tool, f"--local={data}", "--json", "import", self.file]
        self.command += ["--format", kind, "--rejects", self.rejects]
        if kind == "aidbox":
            self.command += ["--email-confirmed"]
        if kind == "firebase":
            config = os.path.join(folder, "hash-config.txt")
            with open(config, "w", encoding="utf-8") as file:
                file.write(users.HASH_CONFIG)
            self.command += ["--hash-config", config]

    def killed(self, refused):
        """Kills the import when it has written so many refused rows."""
        open(self.rejects, "w", encoding="utf-8").close()
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        lines, read = 0, 0
        while process.poll() is None and lines < refused:
            time.sleep(0.05)
            with open(self.rejects, "rb") as file:
                file.seek(read)
                more = file.read()
            read, lines = read + len(more), lines + more.count(b"\n")
        process.kill()
        return process.wait()

    def whole(self):
        """Runs the import to its end."""
        began = time.monotonic()
        process = subprocess.Popen(self.command, stdout=subprocess.PIPE)
        printed = json.load(process.stdout)
        _, status, usage = os.wait4(process.pid, 0)
        expect(os.waitstatus_to_exitcode(status) == 5, printed)
        return Run(printed, time.monotonic() - began, usage)


class Run:
    """An import that has ended."""

    def __init__(self, printed, seconds, usage):
        self.printed, self.seconds = printed, seconds
        self.processor = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024

    def __str__(self):
        made, kept = self.printed["made"], self.printed["kept"]
        rate = self.printed["rows"] / self.seconds
        return (
            f"{made} made, {kept} kept, {self.seconds:.0f} s ({rate:.0f} rows a second), "
            f"{self.processor:.0f} s of processor time, peak {self.peak:.0f} MiB"
        )


def signs_in(http, kind, at, now):
    """Signs a user in, in the dialect of the old system if the service has that
    dialect."""
    name, word = users.email(kind, at), users.password(at)
    app = users.factor(kind, at) == "app"
    if kind == "aspnet":
        body = {"email": name, "password": word}
        status, answer = ask(f"{http}/api/accounts/login", body)
        if app:
            provider = answer.get("provider")
            expect(provider == "Authenticator", kind, at, status, answer)
            body = {"email": name, "provider": provider}
            body |= {"token": users.code(at, now)}
            status, answer = ask(f"{http}/api/accounts/twostepverification", body)
        expect(status != 200 or answer.get("token"), kind, at, answer)
        return status, answer
    if kind == "abp":
        form = {"grant_type": "password", "client_id": "AbpSolution1_App"}
        form |= {"username": f"{kind}-{at}", "password": word, "scope": "AbpSolution1"}
        status, answer = ask(f"{http}/connect/token", form=form)
        if app:
            told = answer.get("error_description")
            expect(told == "RequiresTwoFactor", kind, at, status, answer)
            form |= {"TwoFactorProvider": "Authenticator"}
            form |= {"TwoFactorCode": users.code(at, now)}
            status, answer = ask(f"{http}/connect/token", form=form)
        return status, answer
    if kind == "aidbox":
        body = {"grant_type": "password", "client_id": "web"}
        body |= {"username": name, "password": word}
        if app:
            status, answer = ask(f"{http}/auth/token", body)
            told = answer.get("error_description")
            expect(told == "2FA token is required", kind, at, status, answer)
            body |= {"token": users.code(at, now)}
        return ask(f"{http}/auth/token", body)
    if kind == "cognito":
        sets_a_new_password(http, name, word)
    form = {"grant_type": "password", "client_id": "demo", "scope": "openid"}
    form |= {"username": name, "password": word}
    status, answer = ask(f"{http}/oauth/token", form=form)
    if not users.factor(kind, at):
        return status, answer
    expect(answer.get("error") == "mfa_required", kind, at, status, answer)
    grant = {"client_id": "demo", "mfa_token": answer["mfa_token"]}
    if app:
        grant |= {"grant_type": "http://auth0.com/oauth/grant-type/mfa-otp"}
        grant |= {"otp": users.code(at, now)}
        return ask(f"{http}/oauth/token", form=grant)
    channel = "sms" if users.factor(kind, at) == "phone" else "email"
    body = grant | {"challenge_type": "oob", "oob_channel": channel}
    status, answer = ask(f"{http}/mfa/challenge", body)
    expect(status == 200, kind, at, status, answer)
    sent = newest_message(http)
    to = users.phone(at) if channel == "sms" else name
    expect(sent["to"] == to, kind, at, sent)
    grant |= {"grant_type": "http://auth0.com/oauth/grant-type/mfa-oob"}
    grant |= {"oob_code": answer["oob_code"], "binding_code": sent["code"]}
    return ask(f"{http}/oauth/token", form=grant)


def newest_message(http):
    _, messages = ask(f"{http}/_local/messages")
    return messages[0]


def sets_a_new_password(http, name, word):
    """Cognito exports no hash. So the first login is refused, and the user sets a
    password by the link of a forgotten password."""
    form = {"grant_type": "password", "client_id": "demo", "username": name}
    form |= {"password": "the password at Cognito"}
    status, answer = ask(f"{http}/oauth/token", form=form)
    expect(status == 403 and answer["error"] == "invalid_grant", name, status, answer)
    body = {"email": name, "appName": "Angular"}
    status, answer = ask(f"{http}/api/account/send-password-reset-code", body)
    expect(status == 204, name, status, answer)
    sent = newest_message(http)
    expect(sent["to"] == name, sent)
    link = next(line for line in sent["text"].split() if "resetToken=" in line)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
    body = {"userId": query["userId"][0], "resetToken": query["resetToken"][0]}
    body |= {"password": word}
    status, answer = ask(f"{http}/api/account/reset-password", body)
    expect(status == 204, name, status, answer)


def main():
    rows, (http, data, tool) = int(sys.argv[1]), sys.argv[2:5]
    http = http.rstrip("/")
    kinds = sys.argv[5:] or users.FORMATS
    refused = rows // 10
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder:
            one = Import(tool, data, kind, rows, folder)
            ends = [one.killed(share * refused) for share in KILLED_AT]
            # A small import may end before it is killed.
            killed = all(end == -9 for end in ends) or rows < 10_000
            expect(killed and -9 in ends, kind, "an import was not killed", ends)
            first = one.whole()
            printed = first.printed
            counts = [printed[name] for name in ("rows", "refused")]
            expect(counts == [rows, refused], kind, printed)
            expect(printed["made"] + printed["kept"] == rows - refused, kind, printed)
            with open(one.rejects, encoding="utf-8") as file:
                numbers = sorted(json.loads(line)["number"] for line in file)
            wanted = [at + 1 for at in range(rows) if at % 10 == users.REFUSED]
            expect(numbers == wanted, kind, "refused rows are missing")
            # Each user is there once: nobody is made, and everybody is kept.
            again = one.whole()
            lost = rows - refused - again.printed["kept"]
            doubles = again.printed["made"]
            print(f"{kind}: {rows} rows, {refused} refused, killed three times")
            print(f"  the rest: {first}\n  once more: {again}")
            print(f"  lost={lost} doubles={doubles}", flush=True)
            expect((lost, doubles) == (0, 0), kind, again.printed)
            peak = max(first.peak, again.peak)
            expect(peak <= MOST_MEMORY, kind, f"{peak:.0f} MiB")
        _, clock = ask(f"{http}/_local/clock")
        step = max(1, rows // SAMPLE)
        for at in [at for at in range(0, rows, step) if at % 10 != users.REFUSED]:
            # Four users, because each fourth has the same kind of factor. A network may
            # ask for twenty resets at once.
            for number in range(at, at + (1 if kind == "cognito" else 4)):
                status, answer = signs_in(http, kind, number, clock["now"])
                expect(status == 200, kind, number, status, answer)
        print(f"{kind}: a sample signed in", flush=True)


main()
