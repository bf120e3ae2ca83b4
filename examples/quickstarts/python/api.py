"""An API that accepts the issuer's access tokens. Its one route is `GET /orders`.

usage: python api.py
"""

import os

import jwt
import requests
from flask import Flask, g, jsonify, request
from werkzeug.serving import make_server

ISSUER = os.environ.get("ISSUER", "https://localhost:8788/")
AUDIENCE = os.environ.get("AUDIENCE", "https://someapi.com/api")
SCOPE = os.environ.get("SCOPE", "read:sample")

app = Flask(__name__)
metadata = requests.get(ISSUER + ".well-known/openid-configuration", timeout=10).json()
if metadata["issuer"] != ISSUER:
    raise SystemExit("the metadata belongs to another issuer")
# Keeps the keys for an hour. An unknown key id fetches the keys again at most once a
# minute, because anyone can invent key ids.
keys = jwt.PyJWKClient(metadata["jwks_uri"], lifespan=3600, cooldown_duration=60, timeout=10)


def verify(token):
    """The claims of a valid access token (RFC 9068 4)."""
    # An ID token has the same issuer and keys. Only its type differs.
    if jwt.get_unverified_header(token).get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("not an access token")
    # The API chooses the algorithms, not the token.
    return jwt.decode(token, keys.get_signing_key_from_jwt(token), algorithms=["RS256", "ES256"],
                      issuer=ISSUER, audience=AUDIENCE, leeway=30,
                      options={"require": ["exp", "sub", "client_id"]})


def refuse(status, error=""):
    challenge = {"www-authenticate": f'Bearer realm="orders"{error}'}
    return "", status, challenge


@app.before_request
def check():
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return refuse(401)
    try:
        g.claims = verify(token)
    except jwt.PyJWKClientConnectionError:
        return "", 503, {"retry-after": "5"}
    except jwt.PyJWTError:
        return refuse(401, ', error="invalid_token"')
    if SCOPE not in g.claims.get("scope", "").split():
        return refuse(403, f', error="insufficient_scope", scope="{SCOPE}"')
    return None


@app.get("/orders")
def orders():
    return jsonify({name: g.claims[name] for name in ("sub", "client_id", "scope")})


if __name__ == "__main__":
    server = make_server("127.0.0.1", int(os.environ.get("PORT", "8082")), app)
    print(f"ready http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
