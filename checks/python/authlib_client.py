"""Authlib, unmodified, over https: a validated discovery document, the authorization code
flow with PKCE, checked ID tokens, refresh, introspection, revocation, client credentials,
and an API that takes access tokens (RFC 9068)."""

import time
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.errors import MismatchingStateException
from authlib.oauth2.rfc6750.errors import InvalidTokenError
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc8414 import get_well_known_url as get_oauth_url
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from authlib.oidc.core import CodeIDToken, UserInfo
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet
from service import (AUDIENCE, CALLBACK, HTTPS, ISSUER, PLAIN_USER, USER, Person, add_client,
                     add_web_client, check, finish, refused)

print("Authlib")

SCOPE = "openid profile email offline_access read:sample"
metadata = OpenIDProviderMetadata(requests.get(get_well_known_url(ISSUER, external=True)).json())
keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"]).json())
web, page = add_web_client("authlib-web"), add_web_client("authlib-page", "browser")


@check("the discovery documents of OpenID Connect and of OAuth are valid")
def _():
    metadata.validate()
    assert metadata["issuer"] == ISSUER
    plain = AuthorizationServerMetadata(requests.get(get_oauth_url(ISSUER, external=True)).json())
    plain.validate()
    assert plain["issuer"] == ISSUER


def session(client, kind=OAuth2Session, **more):
    return kind(client["id"], client.get("secret"), scope=SCOPE, redirect_uri=CALLBACK,
                token_endpoint=metadata["token_endpoint"], code_challenge_method="S256", **more)


def signed_in(client, user, kind=OAuth2Session, **more):
    """A session with tokens, and the claims of its ID token."""
    app, verifier, nonce = session(client, kind), generate_token(48), generate_token()
    url, state = app.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, audience=AUDIENCE, **more)
    back = Person(user).sign_in(url)
    assert parse_qs(urlsplit(back).query)["iss"] == [ISSUER]
    token = app.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    told = CodeIDToken(claims, {}, options={
        "iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": client["id"]},
        "nonce": {"essential": True, "value": nonce}, "auth_time": {"essential": True},
        "at_hash": {"essential": True},
    }, params={"client_id": client["id"], "nonce": nonce, "access_token": token["access_token"]})
    told.header = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).header
    told.validate(now=int(time.time()), leeway=5)
    return app, told


for kind in [OAuth2Session, OAuth2Client]:
    for client, name in [(web, "a client with a secret"), (page, "a client without a secret")]:
        @check(f"{name} gets tokens with PKCE, and its ID token is good ({kind.__name__})")
        def _():
            app, claims = signed_in(client, PLAIN_USER, kind)
            user = UserInfo(app.get(metadata["userinfo_endpoint"]).json())
            assert (user.sub, user.email) == (claims["sub"], PLAIN_USER["name"])


@check("a second factor is asked for on the pages, and is in the claims")
def _():
    _, claims = signed_in(web, USER, acr_values="aal2", max_age=60)
    assert claims["acr"] == "aal2" and "mfa" in claims["amr"]


@check("an answer with another state, and a code with another verifier, are refused")
def _():
    app, verifier = session(page), generate_token(48)
    url, state = app.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
    back = Person(PLAIN_USER).sign_in(url)
    refused(MismatchingStateException, lambda: app.fetch_token(
        authorization_response=back, state="x", code_verifier=verifier))
    error = refused(OAuthError, lambda: app.fetch_token(
        authorization_response=back, state=state, code_verifier=generate_token(48)))
    assert error.error == "invalid_grant", error


@check("an expired token is refreshed by the session itself")
def _():
    kept = []
    app, _ = signed_in(page, PLAIN_USER)
    app.update_token = lambda token, refresh_token=None, access_token=None: kept.append((token, refresh_token))
    before = dict(app.token)
    app.token = {**before, "expires_at": int(time.time()) - 1}
    assert app.get(metadata["userinfo_endpoint"]).status_code == 200
    [(token, used)] = kept
    assert used == before["refresh_token"] and token["refresh_token"] != used


@check("introspection tells a live token from a revoked one")
def _():
    app, claims = signed_in(web, PLAIN_USER)

    def introspect(name):
        answer = app.introspect_token(metadata["introspection_endpoint"], token=app.token[name],
                                      token_type_hint=name)
        return answer.json()
    live = introspect("access_token")
    assert (live["active"], live["sub"], live["client_id"]) == (True, claims["sub"], web["id"])
    assert introspect("refresh_token")["active"]
    answer = app.revoke_token(metadata["revocation_endpoint"], token=app.token["refresh_token"],
                              token_type_hint="refresh_token")
    assert answer.status_code == 200
    assert introspect("access_token") == introspect("refresh_token") == {"active": False}


for method in ["client_secret_basic", "client_secret_post"]:
    @check(f"a machine gets a token of its own ({method})")
    def _():
        machine = add_client(f"authlib-{method.replace('_', '-')}", "machine", "--scope", "read:sample")
        app = OAuth2Session(machine["id"], machine["secret"], token_endpoint_auth_method=method)
        token = app.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", audience=AUDIENCE)
        assert token["scope"] == "read:sample" and "refresh_token" not in token
        error = refused(OAuthError, lambda: app.fetch_token(
            metadata["token_endpoint"], grant_type="client_credentials", scope="openid"))
        assert error.error == "invalid_scope", error


@check("a password gives tokens, and a wrong one the service's own words")
def _():
    app = OAuth2Session("demo-server", "demo-secret", scope="openid email")
    token = app.fetch_token(metadata["token_endpoint"], username=PLAIN_USER["name"], password=PLAIN_USER["password"])
    assert token["id_token"]
    error = refused(OAuthError, lambda: app.fetch_token(
        metadata["token_endpoint"], username=PLAIN_USER["name"], password="wrong"))
    assert (error.error, error.description) == ("invalid_grant", "Wrong email or password.")


@check("an API of RFC 9068 takes an access token for its own audience and scope")
def _():
    class Api(JWTBearerTokenValidator):
        def get_jwks(self):
            return keys
    app, claims = signed_in(web, PLAIN_USER)
    api = Api(ISSUER, AUDIENCE)
    token = api.authenticate_token(app.token["access_token"])
    api.validate_token(token, ["read:sample"], None)
    assert (token["sub"], token["client_id"]) == (claims["sub"], web["id"])
    other = Api(ISSUER, "https://other.example/")

    def show():
        other.validate_token(other.authenticate_token(app.token["access_token"]), [], None)
    refused(InvalidTokenError, show)


finish()
