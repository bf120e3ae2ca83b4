"""auth0-python, unmodified, over https: the authentication part of the package. Sign-up,
forgotten passwords, codes in place of a password, logins with and without a second factor,
the authorization code flow, refresh, revocation and verified tokens."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from auth0.authentication import Database, GetToken, Passwordless, RevokeToken, Users
from auth0.authentication.exceptions import Auth0Error, RateLimitError, TokenValidationError
from auth0.authentication.pushed_authorization_requests import PushedAuthorizationRequests
from auth0.authentication.token_verifier import AsymmetricSignatureVerifier, TokenVerifier
from service import (AUDIENCE, CALLBACK, CONNECTION, DOMAIN, HTTPS, ISSUER, PLAIN_USER, USER, Person,
                     add_client, add_web_client, advance, check, code_sent_to, finish, follow_link,
                     refused, totp, wrong)

SCOPE = "openid profile email offline_access read:sample"
MFA = "http://auth0.com/oauth/grant-type/mfa-"
SERVER = {"domain": DOMAIN, "client_id": "demo-server", "client_secret": "demo-secret"}
tokens, database = GetToken(**SERVER), Database(**SERVER)
passwordless, users = Passwordless(**SERVER), Users(DOMAIN)
verifier = TokenVerifier(
    AsymmetricSignatureVerifier(f"{HTTPS}/.well-known/jwks.json"), ISSUER, "demo-server")

print("auth0-python")


def login(user, **more):
    return tokens.login(username=user["name"], password=user["password"],
                        **{"scope": SCOPE, "audience": AUDIENCE, "realm": CONNECTION, **more})


def refusal(status, code, work, kind=Auth0Error):
    error = refused(kind, work)
    assert (error.status_code, error.error_code) == (status, code), error
    return error


def mfa_token():
    error = refusal(403, "mfa_required", lambda: login(USER))
    # The package hands over the whole answer for this error alone.
    return error.content["mfa_token"]


def verify(factor, **shown):
    """The package has no call for this grant, so the app names the address."""
    return tokens.authenticated_post(
        f"{HTTPS}/oauth/token", data={"client_id": "demo-server", "grant_type": MFA + factor, **shown})


@check("a password in a realm gives tokens whose signature, issuer and audience are good")
def _():
    got = login(PLAIN_USER)
    assert got["token_type"].lower() == "bearer"
    claims = verifier.verify(got["id_token"], max_age=60)
    assert claims["acr"] == "aal1"
    assert users.userinfo(got["access_token"])["email"] == PLAIN_USER["name"]


@check("a password without a realm, a scope and an audience gives tokens too")
def _():
    got = tokens.login(PLAIN_USER["name"], PLAIN_USER["password"], grant_type="password")
    assert got["access_token"]
    refusal(403, "invalid_grant", lambda: login({**PLAIN_USER, "password": "wrong"}))


@check("the verifier refuses a token for another client or from another issuer")
def _():
    token = login(PLAIN_USER)["id_token"]
    keys = AsymmetricSignatureVerifier(f"{HTTPS}/.well-known/jwks.json")
    for issuer, audience in [("https://other.example/", "demo-server"), (ISSUER, "demo")]:
        refused(TokenValidationError, lambda: TokenVerifier(keys, issuer, audience).verify(token))


@check("a user with factors gets an mfa_token, and an authenticator app's code completes the login")
def _():
    token, code = mfa_token(), totp(USER["seed"])
    error = refusal(403, "invalid_grant", lambda: verify("otp", mfa_token=token, otp=wrong(code)))
    assert error.message == "Invalid otp_code."
    assert verifier.verify(verify("otp", mfa_token=token, otp=code)["id_token"])["acr"] == "aal2"


@check("a code by text message completes a login")
def _():
    token = mfa_token()
    told = tokens.authenticated_post(f"{HTTPS}/mfa/challenge", data={
        "client_id": "demo-server", "mfa_token": token, "challenge_type": "oob", "oob_channel": "sms"})
    got = verify("oob", mfa_token=token, oob_code=told["oob_code"],
                 binding_code=code_sent_to(USER["phone"]))
    assert "sms" in verifier.verify(got["id_token"])["amr"]


@check("a refresh gives new tokens, for fewer scopes if the app asks so, and a revoked one is refused")
def _():
    first = login(PLAIN_USER)
    second = tokens.refresh_token(first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    third = tokens.refresh_token(second["refresh_token"], scope="openid")
    assert third["scope"] == "openid"
    RevokeToken(**SERVER).revoke_refresh_token(third["refresh_token"])
    refusal(403, "invalid_grant", lambda: tokens.refresh_token(third["refresh_token"]))
    refusal(401, "invalid_token", lambda: users.userinfo(third["access_token"]))


web = add_web_client("python-web")
page = add_web_client("python-page", "browser")


def authorize(client, user, **more):
    query = {"client_id": client["id"], "response_type": "code", "redirect_uri": CALLBACK,
             "scope": SCOPE, "audience": AUDIENCE, "state": "s", **more}
    back = Person(user).sign_in(f"{HTTPS}/authorize?{urlencode(query)}")
    answer = parse_qs(urlsplit(back).query)
    assert (answer["state"], answer["iss"]) == (["s"], [ISSUER])
    return answer["code"][0]


@check("a code of the pages gives tokens with PKCE, to a client without a secret")
def _():
    code_verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(code_verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    code = authorize(page, PLAIN_USER, nonce="n1", code_challenge=challenge, code_challenge_method="S256")
    got = GetToken(DOMAIN, page["id"]).authorization_code_pkce(code_verifier, code, CALLBACK)
    own = TokenVerifier(AsymmetricSignatureVerifier(f"{HTTPS}/.well-known/jwks.json"), ISSUER, page["id"])
    assert own.verify(got["id_token"], nonce="n1")["nonce"] == "n1"
    refused(TokenValidationError, lambda: own.verify(got["id_token"], nonce="n2"))


@check("a code of the pages gives tokens to a client with a secret")
def _():
    got = GetToken(DOMAIN, web["id"], web["secret"]).authorization_code(authorize(web, PLAIN_USER), CALLBACK)
    assert users.userinfo(got["access_token"])["email"] == PLAIN_USER["name"]


@check("a machine gets a token of its own")
def _():
    machine = add_client("python-machine", "machine", "--scope", "read:sample")
    got = GetToken(DOMAIN, machine["id"], machine["secret"]).client_credentials(AUDIENCE)
    assert (got["scope"], got.get("refresh_token")) == ("read:sample", None)
    refusal(403, "unauthorized_client", lambda: tokens.client_credentials(AUDIENCE))


@check("a pushed request is taken")
def _():
    pushed = PushedAuthorizationRequests(DOMAIN, web["id"], web["secret"]).pushed_authorization_request(
        "code", CALLBACK, scope="openid", state="s")
    assert pushed["request_uri"] and pushed["expires_in"] > 0


# The rest moves the clock. The verifier takes no token from the future.

@check("a user signs up, confirms the address and signs in")
def _():
    email, password = "py.user@example.net", "two green owls at dawn"
    made = database.signup(email=email, password=password, connection=CONNECTION, given_name="Py",
                           family_name="User", user_metadata={"plan": "premium"})
    assert (made["email"], made["email_verified"]) == (email, False)
    follow_link(email)
    got = login({"name": email, "password": password})
    claims = verifier.verify(got["id_token"])
    assert (claims["sub"], claims["given_name"], claims["email_verified"]) == (made["_id"], "Py", True)
    refusal(400, "invalid_password", lambda: database.signup(
        email="weak@example.net", password="short", connection=CONNECTION))


@check("a forgotten password is reset on the page")
def _():
    email, password = "py.user@example.net", "seven brown foxes at dusk"
    advance(3600)
    said = database.change_password(email, CONNECTION)
    assert said == "We've just sent you an email to reset your password."
    follow_link(email, new_password=password)
    assert login({"name": email, "password": password})["access_token"]


@check("a code by e-mail signs in, and a wrong one does not")
def _():
    advance(31)
    passwordless.email(PLAIN_USER["name"], send="code")
    code = code_sent_to(PLAIN_USER["name"])

    def show(otp):
        return tokens.passwordless_login(PLAIN_USER["name"], otp, "email", SCOPE, AUDIENCE)
    refusal(403, "invalid_grant", lambda: show(wrong(code)))
    assert users.userinfo(show(code)["access_token"])["email"] == PLAIN_USER["name"]


@check("a text message goes out in place of a password; a number or a link that cannot be is refused")
def _():
    passwordless.sms(USER["phone"])
    assert len(code_sent_to(USER["phone"])) == 6
    refusal(400, "bad.phone_number", lambda: passwordless.sms("555"))
    refusal(400, "invalid_request", lambda: passwordless.email("someone@example.net"))


@check("ten wrong passwords give the package's own error, with when to try again")
def _():
    for count in range(10):
        refusal(403, "invalid_grant", lambda: login({**PLAIN_USER, "password": f"wrong {count}"}))
    error = refusal(429, "too_many_attempts", lambda: login(PLAIN_USER), RateLimitError)
    assert error.reset_at > 0, error.reset_at


finish()
