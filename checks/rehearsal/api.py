"""A caller of the deployed API, and what the emulator's SES and SNS were given to send."""

import base64
import hmac
import http.client
import json
import re
import time
import urllib.parse


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode()
        try:
            self.body = json.loads(self.text)
        except ValueError:
            self.body = {}

    def __getitem__(self, name):
        return self.body[name]


class Api:
    """The API, at the address of the passage to it."""

    def __init__(self, passage):
        self.address = passage.url.removeprefix("http://")
        self.cookies, self.headers = {}, {}

    def call(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=40)
        connection.request(method, path, body, headers or {})
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def ask(self, expected, path, form=None, data=None, bearer=None, method=None):
        """Asks, and holds the status of the answer to the one that is expected."""
        headers, body = dict(self.headers), None
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(form)
        if data is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(data)
        if bearer:
            headers["authorization"] = f"Bearer {bearer}"
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        method = method or ("GET" if body is None else "POST")
        answer = self.call(method, path, body, headers)
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        assert answer.status == expected, \
            f"{method} {path}: {answer.status} in place of {expected}: {answer.text[:400]}"
        return answer


class Mailbox:
    """What was sent, by receiver."""

    def __init__(self, cloud):
        self.cloud, self.read = cloud, {}

    def messages(self, receiver):
        """The texts to an e-mail address or a number, the oldest first."""
        if receiver.startswith("+"):
            told = self.cloud.ask("GET", "/_ministack/sns/sms-messages")["sms_messages"]
            return [one["Message"] for one in told.get(receiver, [])]
        told = self.cloud.ask("GET", "/_ministack/ses/messages")["messages"]
        return [one["BodyText"] for account in told.values() for one in account
                if receiver in one["To"]]

    def next(self, receiver):
        """The next text to this receiver that was not read yet."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = self.messages(receiver)
            at = self.read.get(receiver, 0)
            if len(found) > at:
                self.read[receiver] = at + 1
                return found[at]
            time.sleep(0.1)
        raise AssertionError(f"no message to {receiver}")

    def code(self, receiver):
        return re.search(r"\b\d{6}\b", self.next(receiver))[0]

    def link(self, receiver):
        return re.search(r"https?://\S+", self.next(receiver))[0]


def totp(secret, steps_ago=0):
    """The code of an authenticator app (RFC 6238). The code of an earlier step is good for
    a few seconds at least."""
    left = 30 - time.time() % 30
    if steps_ago and left < 5:
        time.sleep(left)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = int(time.time()) // 30 - steps_ago
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"
