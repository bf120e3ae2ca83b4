"""Signs a user in with a password and a second factor, as a server does for its users.

usage: python login.py email|otp
"""

import os
import sys

import requests

ISSUER = os.environ.get("ISSUER", "https://localhost:8788/")
CLIENT = {"client_id": os.environ.get("CLIENT_ID", "demo-server"),
          "client_secret": os.environ.get("CLIENT_SECRET", "demo-secret")}
AUDIENCE = os.environ.get("AUDIENCE", "https://someapi.com/api")
SCOPE = "openid profile email read:sample offline_access"
GRANT = "http://auth0.com/oauth/grant-type/mfa-"


class Refused(Exception):
    """The service said no. `answer` has `error` and `error_description`."""

    def __init__(self, status, answer):
        super().__init__(f"{status} {answer['error']}: {answer['error_description']}")
        self.status, self.answer = status, answer


def post(path, **fields):
    answer = requests.post(ISSUER + path, json={**CLIENT, **fields}, timeout=30)
    if not answer.ok:
        raise Refused(answer.status_code, answer.json())
    return answer.json()


def sign_in(username, password):
    """The tokens, or None and the name of the login that waits for a second factor."""
    try:
        return post("oauth/token", grant_type="password", username=username,
                    password=password, audience=AUDIENCE, scope=SCOPE), None
    except Refused as refused:
        if refused.answer["error"] != "mfa_required":
            raise
        return None, refused.answer["mfa_token"]


def ask(question):
    print(question, flush=True)
    return sys.stdin.readline().strip()


def second_factor(mfa_token, by):
    if by == "otp":
        return post("oauth/token", grant_type=GRANT + "otp", mfa_token=mfa_token,
                    otp=ask("The code of the authenticator app:"))
    challenge = post("mfa/challenge", mfa_token=mfa_token, challenge_type="oob",
                     oob_channel="email")
    return post("oauth/token", grant_type=GRANT + "oob", mfa_token=mfa_token,
                oob_code=challenge["oob_code"],
                binding_code=ask("The code of the e-mail:"))


def main():
    tokens, mfa_token = sign_in("user@example.com", "pwd")
    if tokens is None:
        tokens = second_factor(mfa_token, sys.argv[1] if len(sys.argv) > 1 else "email")
    print("signed in:", tokens["scope"])
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    user = requests.get(ISSUER + "userinfo", headers=bearer, timeout=30)
    print("user info:", user.json()["name"])
    tokens = post("oauth/token", grant_type="refresh_token",
                  refresh_token=tokens["refresh_token"])
    print("access token:", tokens["access_token"])


try:
    main()
except Refused as refused:
    # For example a wrong code: 403 invalid_grant, `Invalid binding_code.`
    sys.exit(f"refused: {refused}")
