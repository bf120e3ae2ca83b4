"""Gives Schemathesis users, tokens and time, so that requests pass the first refusal.

The hooks send the requests that an app would send. Only the clock belongs to
`cargo local`. After a 429 the hooks move the clock past the Retry-After, because a
used-up budget would refuse every later request too.
"""

import atexit
import random

import schemathesis
from service import ABP_CLIENT, AIDBOX_CLIENT, PASSWORD, Service, is_aidbox

# Makes the same random choices in every run.
CHOICE = random.Random(20270115)
AIDBOX_REDIRECT_URI = "http://localhost:3000/auth"
SERVICES = {}


def service_of(case):
    """The service that a case is sent to."""
    address = case.operation.base_url.rstrip("/")
    if address not in SERVICES:
        SERVICES[address] = Service(address)
    return SERVICES[address]


# What knows further values of a member or parameter.
OTHERS = []
# How many of the requests that take a bearer get one. The others keep the generated value:
# none, or nonsense.
GIVEN = 0.875


def known(service, path, name):
    """A value of this member or parameter that the service accepts, or none."""
    for other in OTHERS:
        value = other(service, path, name)
        if value is not None:
            return value
    abp = path.startswith(("/api/", "/connect/"))
    if name == "client_id":
        return ABP_CLIENT if abp else AIDBOX_CLIENT if is_aidbox(path) else "demo"
    if name == "redirect_uri":
        return AIDBOX_REDIRECT_URI
    if name == "response_type":
        return CHOICE.choice(["code", "token", "id_token"])
    if name == "code_challenge":
        return "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    if name == "code_challenge_method":
        return "S256"
    if name == "user":
        return service.user()[1]
    if path.startswith("/me/v1/authentication-methods"):
        mine = my_value(service, name)
        if mine is not None:
            return mine
    if name == "mfa_token":
        return service.pending("auth0").get("mfa_token")
    if name == "twoFactorToken" or (name == "token" and "two-factor" in path):
        return service.pending("abp").get("twoFactorToken")
    if name == "userId" and "two-factor" in path:
        return service.pending("abp").get("userId")
    if name == "userId" or (name == "id" and abp):
        return service.user()[1]
    if path == "/api/accounts/login" and name in ("email", "password"):
        return {"email": "plain@example.com", "password": "pwd"}[name]
    if path in ("/api/accounts/registration", "/auth/signup") and name == "email":
        service.users += 1
        return f"user{service.users}@example.com"
    if path.endswith("/register") and name in ("userName", "emailAddress"):
        # The field of the e-mail address comes after the user name.
        service.users += name == "userName"
        return f"user{service.users}{'@example.com' if name == 'emailAddress' else ''}"
    if name in ("username", "email", "userNameOrEmailAddress", "userName"):
        return service.user()[0]
    if name in ("password", "currentPassword", "confirmPassword", "new_password"):
        return PASSWORD
    if name == "provider":
        return "Email"
    return None


def my_value(service, name):
    """A value of a member or parameter of the My Account API, or none."""
    if name in ("id", "authentication_method_id"):
        return service.my_method().get("id")
    if name == "auth_session":
        return service.my_method().get("auth_session")
    if name == "otp_code" and "manual_input_code" in service.my_method():
        return service.code(service.my_method()["manual_input_code"])
    if name == "type":
        return CHOICE.choice(["totp", "email", "phone", "recovery-code", "password"])
    if name == "preferred_authentication_method":
        return "sms"
    if name == "phone_number":
        return f"+1555555{CHOICE.randrange(10_000):04}"
    if name == "email":
        return f"mail{CHOICE.randrange(10_000)}@example.com"
    return None


def fill(service, path, values):
    """Replaces some generated values with values that the service accepts."""
    if not isinstance(values, dict):
        return
    for name in list(values):
        if isinstance(values[name], str) and CHOICE.random() < 0.6:
            value = known(service, path, name)
            if value is not None:
                values[name] = value


def as_browser(service, case, path):
    """Gives a page's request the token and the cookies of the page before."""
    values = case.body if isinstance(case.body, dict) else {}
    # With random fields, nearly every sign-in would combine several steps.
    if path == "/auth/login" and CHOICE.random() < 0.6:
        right = CHOICE.choice([
            {"username": service.user()[0], "password": PASSWORD},
            {"username": "user@example.com", "password": "pwd"},
            {"factor": "totp", "token": ""},
        ])
        values = case.body = {"csrf": "", **right}
    csrf, cookies, code = service.page(path, values)
    if csrf and "csrf" in values and CHOICE.random() < 0.875:
        values["csrf"] = csrf
    if code and "token" in values and CHOICE.random() < 0.6:
        values["token"] = code
    case.cookies.clear()
    case.cookies.update(cookies)


def is_page(case):
    """Whether the operation is a page of ours."""
    return "Aidbox's pages" in case.operation.definition.raw.get("tags", [])


def bearers_of(operation):
    """The tokens that the operation takes as a bearer."""
    schemes = {
        scheme
        for requirement in operation.definition.raw.get("security", [])
        for scheme in requirement
    }
    return [scheme for scheme in ("access_token", "mfa_token") if scheme in schemes]


@schemathesis.hook
def before_call(ctx, case, kwargs):
    service = service_of(case)
    path = case.operation.path
    for values in (case.body, case.query, case.path_parameters):
        fill(service, path, values)
    if is_page(case) and CHOICE.random() < 0.875:
        as_browser(service, case, path)
    bearers = bearers_of(case.operation)
    if bearers and CHOICE.random() < GIVEN:
        if CHOICE.choice(bearers) == "access_token":
            token = service.access_token(path)
        else:
            token = service.pending("auth0").get("mfa_token")
        case.headers["Authorization"] = f"Bearer {token}"
        confirms = path.endswith("two-factor/confirm") and isinstance(case.body, dict)
        if confirms and "token" in case.body and CHOICE.random() < 0.6:
            case.body["token"] = service.first_code(token) or case.body["token"]


COUNTS = {}


@schemathesis.hook
def after_call(ctx, case, response):
    service = service_of(case)
    counts = COUNTS.setdefault(case.operation.label, {})
    counts[response.status_code] = counts.get(response.status_code, 0) + 1
    if response.status_code == 429:
        # Schemathesis writes header names in lower case, and each value as a list.
        (wait,) = response.headers["retry-after"]
        # Moves the clock further than necessary, so that several requests succeed
        # before the next move.
        service.clock(int(wait) + 3600)
    # A kept value has expired, or belongs to a user who has changed since.
    changed = case.operation.method.upper() != "GET" and response.status_code in (200, 303)
    if response.status_code == 401 or (changed and is_page(case)):
        service.forget()


def tell():
    """Prints the status codes of all answers at the end, to show how far the requests
    came."""
    for label, counts in sorted(COUNTS.items()):
        told = ", ".join(f"{status}: {count}" for status, count in sorted(counts.items()))
        print(f"{label}: {told}")
    total = sum(sum(counts.values()) for counts in COUNTS.values())
    print(f"{total} requests to {len(COUNTS)} operations")


atexit.register(tell)
