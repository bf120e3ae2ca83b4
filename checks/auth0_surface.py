#!/usr/bin/env python3
"""Calls each operation that Auth0's current SDKs call, and prints which of them answer.

    checks/auth0_surface.py HTTP

HTTP is the address of a `cargo local`. An operation answers unless the service knows
neither its path nor its grant. The script fails if an operation answers that is listed
below as missing, or if another operation does not answer.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

GRANT = "http://auth0.com/oauth/grant-type/"
ME = "/me/v1/authentication-methods"
DEVICE = "totp%7Cdev_07070707070707070707070707070707"

# The operations that the service does not have.
MISSING = {
    "token: token exchange",
}


def token(grant, **fields):
    body = {"grant_type": grant, "client_id": "demo", **fields}
    return ("POST", "/oauth/token", body)


def operations():
    """Name, and the calls that the operation consists of."""
    connection = {"client_id": "demo", "connection": "Username-Password-Authentication"}
    person = {"username": "plain@example.com", "password": "pwd"}
    return [
        ("discovery and keys", [
            ("GET", "/.well-known/openid-configuration", None),
            ("GET", "/.well-known/jwks.json", None),
        ]),
        ("authorize", [("GET", "/authorize?client_id=web&response_type=code", None)]),
        ("pushed authorization request", [("POST", "/oauth/par", {"client_id": "web"})]),
        ("logout", [("GET", "/v2/logout", None)]),
        ("logout by OpenID Connect", [("GET", "/oidc/logout", None)]),
        ("token: password", [token("password", **person)]),
        ("token: password and realm", [
            token(GRANT + "password-realm", realm=connection["connection"], **person),
        ]),
        ("token: authorization code", [token("authorization_code", code="x")]),
        ("token: refresh", [token("refresh_token", refresh_token="x")]),
        ("token: machine", [token("client_credentials")]),
        ("token: one-time password", [token("http://auth0.com/oauth/grant-type/mfa-otp",
                                            mfa_token="x", otp="000000")]),
        ("token: code by message", [token("http://auth0.com/oauth/grant-type/mfa-oob",
                                          mfa_token="x", oob_code="x", binding_code="000000")]),
        ("token: recovery code", [token("http://auth0.com/oauth/grant-type/mfa-recovery-code",
                                        mfa_token="x", recovery_code="x")]),
        ("token: code in place of a password", [
            token(GRANT + "passwordless/otp", realm="email", username="a@example.com",
                  otp="000000"),
        ]),
        ("token: token exchange", [
            token("urn:ietf:params:oauth:grant-type:token-exchange", subject_token="x"),
        ]),
        ("token: passkey", [token("urn:okta:params:oauth:grant-type:webauthn")]),
        ("revoke", [("POST", "/oauth/revoke", {"client_id": "demo", "token": "x"})]),
        ("user information", [("GET", "/userinfo", None)]),
        ("authenticators: list", [("GET", "/mfa/authenticators", None)]),
        ("authenticators: challenge", [("POST", "/mfa/challenge", {"client_id": "demo"})]),
        ("authenticators: enrol", [("POST", "/mfa/associate", {})]),
        ("authenticators: remove", [("DELETE", "/mfa/authenticators/" + DEVICE, None)]),
        ("sign-up", [("POST", "/dbconnections/signup", connection)]),
        ("forgotten password", [("POST", "/dbconnections/change_password", connection)]),
        ("code in place of a password: start", [
            ("POST", "/passwordless/start", {"client_id": "demo", "connection": "email"}),
        ]),
        ("code in place of a password: challenge", [
            ("POST", "/otp/challenge", {"client_id": "demo", "connection": "email"}),
        ]),
        ("passkey: sign-up", [("POST", "/passkey/register", {"client_id": "demo"})]),
        ("passkey: challenge", [("POST", "/passkey/challenge", {"client_id": "demo"})]),
        ("my account: factors and methods", [
            ("GET", "/me/v1/factors", None),
            ("GET", ME, None),
            ("GET", ME + "/" + DEVICE, None),
            ("DELETE", ME + "/" + DEVICE, None),
        ]),
        ("my account: enrol and verify", [
            ("POST", ME, {"type": "totp"}),
            ("POST", ME + "/" + DEVICE + "/verify", {"auth_session": "x"}),
        ]),
    ]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def call(base, method, path, body):
    """Status and error code of an answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {"content-type": "application/json"}
    request = urllib.request.Request(base + path, data, headers, method=method)
    try:
        with OPENER.open(request, timeout=60) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refused:
        text = refused.read()
        try:
            told = json.loads(text)
        except ValueError:
            told = {}
        error = told.get("error") or told.get("type") or "" if isinstance(told, dict) else ""
        return refused.code, str(error)


def answers(status, error):
    unknown = status == 405 or error in ("not_found", "unsupported_grant_type")
    return not unknown and status < 500


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    base = sys.argv[1].rstrip("/")
    missing = set()
    every = operations()
    for name, calls in every:
        told = [call(base, *one) for one in calls]
        good = all(answers(*one) for one in told)
        if not good:
            missing.add(name)
        shown = ", ".join(f"{status} {error}".strip() for status, error in told)
        print(f"{'answers' if good else 'MISSING':8} {name:42} {shown}")
    print(f"{len(every) - len(missing)} of {len(every)} operations answer")
    for name in sorted(missing - MISSING):
        print(f"does not answer: {name}", file=sys.stderr)
    for name in sorted(MISSING - missing):
        print(f"answers, and is listed as missing: {name}", file=sys.stderr)
    return 0 if missing == MISSING else 1


if __name__ == "__main__":
    sys.exit(main())
