"""Users of another system, with hashes that other implementations made: OpenSSL
through hashlib and cryptography, and the packages bcrypt and argon2-cffi.

Hashing 100,000 passwords would take longer than the import. So the users share
the hashes of POOL passwords, and the hashes have cheap costs.
"""

import base64
import csv
import hashlib
import hmac
import json
import os
import struct
import uuid

import argon2.low_level
import bcrypt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

POOL = 50
# The import must refuse every user whose number ends in this digit.
REFUSED = 9
FORMATS = ["auth0", "aspnet", "abp", "aidbox"]
FORMATS += ["keycloak", "firebase", "cognito", "table", "countersign"]
SIGNER_KEY = bytes(range(64))
HASH_CONFIG = f"""hash_config {{
  algorithm: SCRYPT,
  base64_signer_key: {base64.b64encode(SIGNER_KEY).decode()},
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 10,
}}
"""


def b64(data):
    return base64.b64encode(data).decode()


def password(at):
    return f"correct horse {at % POOL}"


def seed(at):
    return hashlib.sha1(f"seed {at}".encode()).digest()


def email(kind, at):
    return f"{kind}-{at}" if at % 10 == REFUSED else f"{kind}-{at}@import.example.com"


def former_id(kind, at):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kind} {at}"))


def phone(at):
    return f"+1555{2_000_000 + at}"


def factor(kind, at):
    """The second factor of a user: an app for every second user, and in Auth0's schema
    a number or the address for the others."""
    if at % 2 == 0:
        # Neither Firebase nor Cognito exports an app.
        return None if kind in ("firebase", "cognito") else "app"
    if kind in ("auth0", "countersign"):
        return "phone" if at % 4 == 1 else "email"
    return None


def auth0_factors(kind, at):
    """The factors of a user in Auth0's schema."""
    key = base64.b32encode(seed(at)).decode()
    return {
        "app": [{"totp": {"secret": key}}],
        "phone": [{"phone": {"value": phone(at)}}],
        "email": [{"email": {"value": email(kind, at)}}],
    }[factor(kind, at)]


def code(at, now):
    """The code of the user's authenticator app (RFC 6238)."""
    mac = hmac.new(seed(at), struct.pack(">Q", now // 30), hashlib.sha1).digest()
    (number,) = struct.unpack(">I", mac[mac[-1] & 15 :][:4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


def fast_digest(algorithm, data, salt):
    """A `custom_password_hash` of Auth0: MD5 with the salt before, SHA-1 with it
    behind."""
    before = algorithm == "md5"
    digest = hashlib.new(algorithm, salt + data if before else data + salt)
    position = "prefix" if before else "suffix"
    return {
        "algorithm": algorithm,
        "hash": {"value": digest.hexdigest(), "encoding": "hex"},
        "salt": {"value": b64(salt), "encoding": "base64", "position": position},
    }


def hash_of(kind, at):
    """A stored hash of this user's password, in the system's own form. Auth0's rows
    have bcrypt, MD5 and SHA-1 in turn, Keycloak's argon2 and PBKDF2."""
    text = password(at)
    data, salt = text.encode(), os.urandom(16)
    if kind == "auth0" and at % 3 == 1:
        return fast_digest("md5", data, salt)
    if kind == "auth0" and at % 3 == 2:
        return fast_digest("sha1", data, salt)
    if kind in ("auth0", "table"):
        return bcrypt.hashpw(data, bcrypt.gensalt(4)).decode()
    if kind == "abp":
        # Version 2, of ASP.NET Identity 1 and 2.
        return b64(b"\x00" + salt + hashlib.pbkdf2_hmac("sha1", data, salt, 1000, 32))
    if kind == "aspnet":
        # Version 3: SHA-512, 100,000 rounds in .NET 7; fewer here.
        digest = hashlib.pbkdf2_hmac("sha512", data, salt, 1000, 32)
        return b64(b"\x01" + struct.pack(">III", 2, 1000, 16) + salt + digest)
    if kind == "aidbox":
        digest = hashlib.scrypt(data, salt=salt, n=1 << 10, r=8, p=1, dklen=32)
        return f"$s0$a0801${b64(salt)}${b64(digest)}"
    if kind == "keycloak" and at % 2 == 1:
        digest = hashlib.pbkdf2_hmac("sha512", data, salt, 1000, 64)
        return {
            "type": "password",
            "secretData": json.dumps({"value": b64(digest), "salt": b64(salt)}),
            "credentialData": json.dumps(
                {"hashIterations": 1000, "algorithm": "pbkdf2-sha512"}
            ),
        }
    if kind == "keycloak":
        options = (salt, 2, 1024, 1, 32, argon2.low_level.Type.ID)
        digest = argon2.low_level.hash_secret_raw(data, *options)
        parameters = {"hashLength": ["32"], "memory": ["1024"], "type": ["id"]}
        parameters |= {"version": ["1.3"], "parallelism": ["1"]}
        return {
            "type": "password",
            "secretData": json.dumps({"value": b64(digest), "salt": b64(salt)}),
            "credentialData": json.dumps(
                {
                    "hashIterations": 2,
                    "algorithm": "argon2",
                    "additionalParameters": parameters,
                }
            ),
        }
    if kind == "countersign":
        options = (salt, 2, 1024, 1, 32, argon2.low_level.Type.ID)
        return argon2.low_level.hash_secret(data, *options).decode()
    if kind == "firebase":
        salted = salt + bytes([7])
        key = hashlib.scrypt(data, salt=salted, n=1 << 10, r=8, p=1, dklen=64)[:32]
        cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        return (b64(cipher.update(SIGNER_KEY)), b64(salt))
    return None


def user(kind, at, hashed):
    """The row of a user. `factor` says which second factor the user has."""
    address, app = email(kind, at), at % 2 == 0
    key = base64.b32encode(seed(at)).decode()
    if kind == "auth0":
        row = {"user_id": f"auth0|{at:024x}", "email": address, "email_verified": True}
        whole = isinstance(hashed, str)
        row |= {"password_hash" if whole else "custom_password_hash": hashed}
        row |= {"given_name": "Ann", "mfa_factors": auth0_factors(kind, at)}
        return row
    if kind == "countersign":
        # What stands under `countersign` is as `export` writes it.
        known = {"created_at": 1_700_000_000, "owned": True}
        factors = [known | {"id": former_id("factor", at)}]
        own = {"version": 1, "created_at": 1_700_000_000, "epoch": 3, "enrolments": 1}
        own |= {"two_factor": True, "must_change_password": False}
        own |= {"wrong_codes": {"user": 0, "stranger": 0, "near": 0}}
        own |= {"factors": factors, "webhooks": []}
        row = {"user_id": former_id(kind, at), "email": address, "email_verified": True}
        row |= {"username": f"{kind}-{at}", "blocked": False}
        hashed = {"value": hashed, "encoding": "utf8"}
        row |= {"custom_password_hash": {"algorithm": "argon2", "hash": hashed}}
        row |= {"app_metadata": {"roles": []}, "mfa_factors": auth0_factors(kind, at)}
        return row | {"countersign": own}
    if kind in ("aspnet", "abp"):
        row = {"Id": former_id(kind, at), "UserName": f"{kind}-{at}", "Email": address}
        row |= {"EmailConfirmed": True, "PasswordHash": hashed, "IsActive": True}
        row |= {"TwoFactorEnabled": app, "AuthenticatorKey": key}
        return row
    if kind == "aidbox":
        row = {"resourceType": "User", "id": former_id(kind, at), "email": address}
        row |= {"password": hashed, "twoFactor": {"enabled": app, "secretKey": key}}
        return row
    if kind == "keycloak":
        otp = {"subType": "totp", "digits": 6, "counter": 0, "period": 30}
        otp |= {"algorithm": "HmacSHA1", "secretEncoding": "BASE32"}
        second = {"type": "otp", "secretData": json.dumps({"value": key})}
        second |= {"credentialData": json.dumps(otp)}
        row = {"id": former_id(kind, at), "username": f"{kind}-{at}", "email": address}
        row |= {"emailVerified": True, "enabled": True}
        return row | {"credentials": [hashed] + ([second] if app else [])}
    if kind == "firebase":
        row = {"localId": f"{at:028x}", "email": address, "emailVerified": True}
        return row | {"passwordHash": hashed[0], "salt": hashed[1]}
    if kind == "cognito":
        row = {"cognito:username": former_id(kind, at), "email": address}
        row |= {"email_verified": "TRUE", "cognito:mfa_enabled": "FALSE"}
        return row
    row = {"Id": former_id(kind, at), "UserName": f"{kind}-{at}", "Email": address}
    row |= {"EmailConfirmed": "1", "PasswordHash": hashed, "TotpSecret": key}
    return row | {"TwoFactor": "1" if app else "0"}


def write(kind, rows, folder):
    """Writes the file in the format of the system. Returns its path."""
    pool = [hash_of(kind, at) for at in range(POOL)]
    each = (user(kind, at, pool[at % POOL]) for at in range(rows))
    if kind in ("cognito", "table"):
        path = os.path.join(folder, f"{kind}.csv")
        with open(path, "w", newline="", encoding="utf-8") as file:
            lines = csv.DictWriter(file, list(user(kind, 0, pool[0])))
            lines.writeheader()
            lines.writerows(each)
        return path
    if kind in ("keycloak", "firebase"):
        path = os.path.join(folder, f"{kind}.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"realm":"shop","users":[\n')
            for at, row in enumerate(each):
                file.write((",\n" if at else "") + json.dumps(row))
            file.write("]}\n")
        return path
    path = os.path.join(folder, f"{kind}.ndjson")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in each)
    return path
