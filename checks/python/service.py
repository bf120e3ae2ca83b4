"""What a person uses besides the client under test: the inbox, an authenticator app, the
pages of the service and the operators' tool. Also counts the passed checks."""

import base64
import hashlib
import hmac
import re
import struct
import sys
import traceback
from html import unescape
from urllib.parse import urljoin, urlsplit

import requests

USER = {"name": "user@example.com", "password": "pwd", "phone": "+15555550100",
        "seed": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}
PLAIN_USER = {"name": "plain@example.com", "password": "pwd"}
AUDIENCE = "https://someapi.com/api"
CALLBACK = "http://localhost:3999/callback"
CONNECTION = "Username-Password-Authentication"

if len(sys.argv) != 3:
    sys.exit("usage: REQUESTS_CA_BUNDLE=CERTIFICATE SSL_CERT_FILE=CERTIFICATE python SCRIPT HTTP_URL HTTPS_URL")
HTTP, HTTPS = sys.argv[1].rstrip("/"), sys.argv[2].rstrip("/")
ISSUER = HTTPS + "/"
DOMAIN = urlsplit(HTTPS).netloc


def _local(path, body=None):
    answer = requests.get(HTTP + path) if body is None else requests.post(HTTP + path, json=body)
    answer.raise_for_status()
    return answer.json()


def advance(seconds):
    """Moves the service's clock, and returns the new time."""
    return _local("/_local/clock", {"advance_seconds": seconds})["now"]


def newest_message():
    return _local("/_local/messages")[0]


def code_sent_to(address):
    """The code of the newest message, which must have gone to this address."""
    message = newest_message()
    assert message["to"] == address, message["to"]
    return message["code"]


def operate(*command):
    """Runs a command of the operators' tool, and returns its value."""
    told = _local("/_local/operate", {"command": list(command)})
    assert told["exit_code"] == 0, told["text"]
    return told["value"]


def add_client(name, kind, *more):
    return operate("client", "add", name, "--for", kind, "--audience", AUDIENCE, *more)


def add_web_client(name, kind="web-server"):
    return add_client(name, kind, "--redirect-uri", CALLBACK, "--scope", "read:sample",
                      "--scope", "offline_access")


def totp(seed):
    """What an authenticator app with this seed shows now. Each code is good once."""
    counter = struct.pack(">Q", _local("/_local/clock")["now"] // 30)
    mac = hmac.new(base64.b32decode(seed), counter, hashlib.sha1).digest()
    at = mac[19] & 15
    return str((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000).zfill(6)


def wrong(code):
    """Another code of the same length."""
    return str((int(code) + 1) % 1_000_000).zfill(6)


class Person:
    """A person at the service's pages, without a browser: keeps cookies, follows redirects
    and sends forms."""

    def __init__(self, user):
        self.user, self.session = user, requests.Session()

    def open(self, method, url, stop=CALLBACK, **more):
        """A page, or the address that the app gets, if it begins with `stop`."""
        answer = self.session.request(method, url, allow_redirects=False, **more)
        while answer.is_redirect:
            url = urljoin(url, answer.headers["location"])
            if url.startswith(stop):
                return url
            answer = self.session.get(url, allow_redirects=False)
        answer.raise_for_status()
        return answer

    def submit(self, page, values):
        form = re.search(r"<form[^>]*>.*?</form>", page.text, re.S).group()
        inputs = re.findall(r"<input[^>]*>", form)
        fields = {read(tag, "name"): read(tag, "value") or "" for tag in inputs}
        assert set(values) <= set(fields), (values, fields)
        headers = {"origin": HTTPS, "sec-fetch-site": "same-origin"}
        action = urljoin(page.url, read(form, "action") or "")
        return self.open("POST", action, data={**fields, **values}, headers=headers)

    def sign_in(self, url):
        """Signs in, from an app's request on. Returns the address that the app gets."""
        page = self.open("GET", url)
        back = self.submit(page, {"username": self.user["name"], "password": self.user["password"]})
        if not isinstance(back, str):
            back = self.submit(back, {"token": totp(self.user["seed"])})
        assert isinstance(back, str), back.text
        return back


def read(tag, name):
    """An attribute of the first tag."""
    found = re.search(rf'^<[^>]*\s{name}="([^"]*)"', tag)
    return found and unescape(found.group(1))


def follow_link(address, **fields):
    """Opens the link of the newest message, and sends the form behind it."""
    message = newest_message()
    assert message["to"] == address, message["to"]
    person = Person(None)
    page = person.open("GET", re.search(r"^https?:\S+$", message["text"], re.M).group())
    person.submit(page, fields)


_passed, _failed = [], []


def check(name):
    """Runs one check. The next check runs even if this one fails."""
    def run(work):
        try:
            work()
            _passed.append(name)
            print(f"  passed: {name}")
        except Exception:
            _failed.append(name)
            print(f"  FAILED: {name}")
            traceback.print_exc(file=sys.stdout)
        return work
    return run


def finish():
    """Prints the counts and ends the process."""
    print(f"{len(_passed)} passed, {len(_failed)} failed")
    sys.exit(0 if _passed and not _failed else 1)


def refused(kind, work):
    """The error of `work`, which must be of this kind."""
    try:
        work()
    except kind as error:
        return error
    raise AssertionError("it was not refused")
