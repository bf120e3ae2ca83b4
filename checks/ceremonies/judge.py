"""Says about each ceremony on standard input whether the PyPI package webauthn accepts it. A
ceremony is a line of JSON, and so is each answer."""

import json
import sys

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.cose import COSEAlgorithmIdentifier


def verify(asked):
    common = {"credential": asked["response"], "expected_rp_id": asked["domain"],
              "expected_challenge": base64url_to_bytes(asked["challenge"]),
              "expected_origin": asked["origins"], "require_user_verification": False}
    if asked["kind"] == "registration":
        algorithms = [COSEAlgorithmIdentifier(number) for number in asked["algorithms"]]
        verify_registration_response(**common, supported_pub_key_algs=algorithms)
    else:
        verify_authentication_response(**common, credential_public_key=base64url_to_bytes(asked["key"]),
                                       credential_current_sign_count=asked["counter"])


def answer(asked):
    try:
        verify(asked)
        return {"accepted": True, "why": ""}
    except Exception as error:  # The package lets errors of other packages through.
        return {"accepted": False, "why": f"{type(error).__name__}: {error}"}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
