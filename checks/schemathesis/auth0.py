"""The hooks for Auth0's own documents: the same users, tokens and time, and the values that
only these documents name."""

import hooks
import schemathesis
from service import PASSWORD


def known(service, path, name):
    """A value of this member or parameter that the service accepts, or none."""
    if name == "connection":
        return "email" if path.startswith("/passwordless/") else "Username-Password-Authentication"
    if name in ("returnTo", "post_logout_redirect_uri"):
        return "http://localhost:3000/"
    if name == "new_password":
        return PASSWORD
    return None


def bearers_of(operation):
    """The tokens that the operation takes as a bearer. The document leaves them out, because
    it wants one for a login too."""
    if operation.path.startswith(("/me/", "/userinfo")):
        return ["access_token"]
    return ["access_token", "mfa_token"] if operation.path.startswith("/mfa/") else []


def right(service, path):
    """What an app sends to this path, or none."""
    if path in ("/authorize", "/oauth/par"):
        names = ["client_id", "redirect_uri", "code_challenge", "code_challenge_method"]
        values = {name: hooks.known(service, "/auth/authorize", name) for name in names}
        return values | {"response_type": "code"}
    if path == "/mfa/challenge":
        token = hooks.known(service, path, "mfa_token")
        return {"client_id": "demo", "mfa_token": token, "challenge_type": "otp"}
    if path == "/oauth/token":
        user, _ = service.user()
        names = {"client_id": "demo", "username": user, "password": PASSWORD}
        return names | {"grant_type": "password"}
    return None


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Sends the request of an app now and then. The demo client has no secret, so a secret
    beside it is always refused."""
    service = hooks.service_of(case)
    values = right(service, case.operation.path)
    if values and hooks.CHOICE.random() < 0.4:
        if case.operation.method.upper() == "GET":
            case.query = values
        else:
            case.body = values
    elif isinstance(case.body, dict) and case.body.get("client_id") == "demo":
        case.body.pop("client_secret", None)


hooks.OTHERS.append(known)
hooks.bearers_of = bearers_of
# Some operations get one request only.
hooks.GIVEN = 1
