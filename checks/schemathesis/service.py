"""The service under test: its users, tokens, pages and clock, as an app would use them."""

import base64
import hashlib
import hmac
import re
import struct

import requests

PASSWORD = "plum tractor lighthouse 7"
# A session may change factors for ten minutes. A code and a pending login live as long.
FRESH_SECONDS = 300
ABP_CLIENT = "AbpSolution1_App"
AIDBOX_CLIENT = "web"
# The client that may ask for the My Account API.
MY_CLIENT = "my-account"
MY_SCOPE = " ".join(
    f"{verb}:me:{thing}"
    for thing, verbs in {
        "factors": ["read"],
        "authentication_methods": ["create", "read", "update", "delete"],
        "sessions": ["read", "delete"],
    }.items()
    for verb in verbs
)
ADMIN_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
USER_SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def is_aidbox(path):
    """Whether a path belongs to Aidbox's dialect."""
    return path.startswith(("/auth/", "/app/auth/")) or path == "/Session"


class Service:
    """The service under test, with the users and tokens that it gave."""

    def __init__(self, address):
        self.address = address
        self.session = requests.Session()
        self.now = self.clock(0)
        self.users = 0
        self.kept = {}
        issuer = self.session.get(f"{address}/.well-known/openid-configuration").json()
        self.mfa_audience = f"{issuer['issuer']}mfa/"
        self.my_audience = f"{issuer['issuer']}me/"
        self.add_my_client()

    def clock(self, seconds):
        """Moves the service's clock, and gives the new time."""
        body = {"advance_seconds": seconds}
        answer = self.session.post(f"{self.address}/_local/clock", json=body)
        answer.raise_for_status()
        self.now = answer.json()["now"]
        return self.now

    def add_my_client(self):
        """Adds the client that may ask for the My Account API."""
        command = ["client", "add", MY_CLIENT, "--for", "mobile", "--audience", "{issuer}me/"]
        scopes = [word for scope in MY_SCOPE.split() for word in ("--scope", scope)]
        body = {"command": command + scopes}
        answer = self.session.post(f"{self.address}/_local/operate", json=body)
        answer.raise_for_status()

    def post(self, path, fields, headers=None):
        """Posts JSON. After a 429, moves the clock and tries again."""
        for _ in range(20):
            answer = self.session.post(f"{self.address}{path}", json=fields, headers=headers)
            if answer.status_code != 429:
                break
            self.clock(int(answer.headers["Retry-After"]) + 1)
        if answer.status_code >= 500:
            raise AssertionError(f"{path}: {answer.status_code} {answer.text}")
        return answer

    def ask(self, path, **fields):
        """Posts JSON, and gives the JSON of the answer."""
        return self.post(path, fields).json()

    def fresh(self, name, make):
        """The value that `make` gives. The value is kept for FRESH_SECONDS."""
        made_at, value = self.kept.get(name, (None, None))
        if made_at is None or self.clock(0) - made_at > FRESH_SECONDS:
            value = make()
            self.kept[name] = (self.now, value)
        return value

    def forget(self):
        """Forgets every kept value, so that the next use makes a new value."""
        self.kept.clear()

    def user(self):
        """A user whom a request may change in any way: the name and the identifier."""

        def make():
            self.users += 1
            name = f"user{self.users}@example.com"
            made = self.ask(
                "/api/account/register",
                userName=name,
                emailAddress=name,
                password=PASSWORD,
            )
            self.confirm(name, made["id"])
            return name, made["id"]

        return self.fresh("user", make)

    def confirm(self, name, user):
        """Confirms the user's address. Aidbox's dialect refuses an unconfirmed address."""
        signed_in = self.ask(
            "/connect/token",
            grant_type="password",
            client_id=ABP_CLIENT,
            username=name,
            password=PASSWORD,
        )
        bearer = {"Authorization": f"Bearer {signed_in['access_token']}"}
        path = "/api/account/send-email-confirmation-token"
        self.post(path, {"userId": user}, bearer).raise_for_status()
        newest = self.session.get(f"{self.address}/_local/messages").json()[0]
        token = re.search("confirmationToken=([^&\\s]+)", newest["text"])[1]
        path = "/api/account/confirm-email"
        self.post(path, {"userId": user, "token": token}).raise_for_status()

    def access_token(self, path):
        """An access token for this path."""
        if path.startswith("/api/identity/"):
            return self.fresh("admin", self.admin)
        if path.startswith("/api/"):
            fields = {"client_id": ABP_CLIENT, "scope": "offline_access"}
        elif is_aidbox(path):
            fields = {"client_id": AIDBOX_CLIENT}
        elif path.startswith("/me/"):
            fields = {"client_id": MY_CLIENT, "audience": self.my_audience, "scope": MY_SCOPE}
        elif path.startswith("/mfa/"):
            scope = "enroll read:authenticators remove:authenticators"
            fields = {
                "client_id": "demo",
                "audience": self.mfa_audience,
                "scope": scope,
            }
        else:
            fields = {
                "client_id": "demo",
                "scope": "openid profile email phone roles",
            }
        endpoint = "/connect/token" if path.startswith("/api/") else "/oauth/token"
        endpoint = "/auth/token" if is_aidbox(path) else endpoint
        name = f"{endpoint} {fields.get('audience')}"

        def make():
            user, _ = self.user()
            answer = self.ask(
                endpoint,
                grant_type="password",
                username=user,
                password=PASSWORD,
                **fields,
            )
            # The user has enrolled a factor by now, so another user without a factor is
            # needed.
            return answer.get("access_token") or self.forget() or "none"

        return self.fresh(name, make)

    def my_method(self):
        """A method of the My Account API that waits for its first code."""

        def begin():
            path = "/me/v1/authentication-methods"
            bearer = {"Authorization": f"Bearer {self.access_token(path)}"}
            return self.post(path, {"type": "totp"}, bearer).json()

        return self.fresh("method", begin)

    def code(self, seed):
        """The code that an authenticator app shows."""
        # A code works only once.
        now = self.clock(30)
        key = base64.b32decode(seed + "=" * (-len(seed) % 8))
        digest = hmac.digest(key, struct.pack(">Q", now // 30), hashlib.sha1)
        (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
        return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"

    def first_code(self, token):
        """The code that turns two-factor authentication on in Aidbox's calls."""
        answer = self.session.post(
            f"{self.address}/app/auth/two-factor/request",
            json={},
            headers={"Authorization": f"Bearer {token}"},
        )
        seed = re.search("secret=([A-Z2-7]+)", answer.text)
        return self.code(seed[1]) if seed else None

    def visit(self, path, cookies=None, form=None):
        """Requests a page or sends its form, as a browser does. Gives the page's text,
        the token of its forms, and the cookies."""
        # Not with a session of `requests`, because that does not send Secure cookies
        # over http.
        answer = requests.request(
            "GET" if form is None else "POST",
            f"{self.address}{path}",
            data=form,
            headers={"Cookie": "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())},
            allow_redirects=False,
        )
        if answer.status_code >= 500:
            raise AssertionError(f"{path}: {answer.status_code} {answer.text}")
        kept = dict(cookies or {})
        for line in answer.raw.headers.getlist("set-cookie"):
            name, value = line.split(";")[0].split("=", 1)
            kept[name] = value
        to = answer.headers.get("location", "")
        if form is not None and to.startswith("/auth/"):
            return self.visit(to, {name: value for name, value in kept.items() if value})
        csrf = re.search('name="csrf" value="([^"]+)"', answer.text)
        return answer.text, csrf and csrf[1], {name: value for name, value in kept.items() if value}

    def password_step(self, user, password):
        """Signs in with a password, and gives the next page."""
        _, csrf, cookies = self.visit("/auth/login")
        form = {"csrf": csrf, "username": user, "password": password}
        return self.visit("/auth/login", cookies, form)

    def page(self, path, values):
        """A form's token and the cookies that belong to it. Some forms also get a
        right code."""
        if path == "/auth/login" and {"token", "send", "use", "factor", "new_password"} & set(values):
            begin = lambda: self.password_step("user@example.com", "pwd")
            return self.fresh("login page", begin)[1:] + (self.code(USER_SEED),)
        if path == "/auth/two-factor/enable":
            _, cookies = self.signed_in()
            text, csrf, cookies = self.visit(path, cookies)
            key = re.search("in the app: <code>([A-Z2-7 ]+)", text)
            return csrf, cookies, key and self.code(key[1].replace(" ", ""))
        if path == "/auth/two-factor/disable":
            csrf, cookies, seed = self.fresh("protected", self.protected)
            return csrf, cookies, self.code(seed)
        if path in ("/auth/logout", "/auth/two-factor", "/auth/authorize"):
            return self.signed_in() + (None,)
        return self.fresh("page", lambda: self.visit("/auth/login"))[1:] + (None,)

    def signed_in(self):
        """The token of a signed-in browser's forms, and its cookies."""

        def begin():
            _, _, cookies = self.password_step(self.user()[0], PASSWORD)
            return self.visit("/auth/two-factor", cookies)[1:]

        return self.fresh("browser", begin)

    def protected(self):
        """The token and the cookies of a user with an authenticator app, and the app's seed."""
        self.forget()
        _, cookies = self.signed_in()
        text, csrf, cookies = self.visit("/auth/two-factor/enable", cookies)
        seed = re.search("in the app: <code>([A-Z2-7 ]+)", text)[1].replace(" ", "")
        form = {"csrf": csrf, "token": self.code(seed)}
        _, csrf, cookies = self.visit("/auth/two-factor/enable", cookies, form)
        self.forget()
        return csrf, cookies, seed

    def admin(self):
        """An administrator's access token."""
        code = self.code(ADMIN_SEED)
        answer = self.ask(
            "/connect/token",
            grant_type="password",
            client_id=ABP_CLIENT,
            username="admin",
            password="1q2w3E*",
            TwoFactorProvider="Authenticator",
            TwoFactorCode=code,
        )
        return answer["access_token"]

    def pending(self, dialect):
        """A login that waits for its second factor: `mfa_token`, or `userId`
        and `twoFactorToken`."""
        fields = {"grant_type": "password", "username": "user@example.com", "password": "pwd"}
        if dialect == "auth0":
            begin = lambda: self.ask("/oauth/token", client_id="demo", **fields)
        else:
            begin = lambda: self.ask("/connect/token", client_id=ABP_CLIENT, **fields)
        return self.fresh(dialect, begin)
