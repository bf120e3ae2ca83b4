"""A whole login in the words of each dialect, with codes from the emulator's SES and SNS,
and from an authenticator app."""

import html
import re
import urllib.parse

from api import totp

API = "https://api.example.com/"
PASSWORD = "correct horse rehearsal"
CLIENT = "rehearsal-app"


def path_of(link):
    parts = urllib.parse.urlsplit(link)
    return f"{parts.path}?{parts.query}"


def choose_password(api, mailbox, address):
    """A user whom the tool made sets a password, by the link to the page."""
    api.ask(200, "/dbconnections/change_password", data={
        "client_id": CLIENT, "connection": "Username-Password-Authentication", "email": address})
    page = path_of(mailbox.link(address))
    shown = api.ask(200, page)
    fields = {"new_password": PASSWORD}
    for hidden in re.findall(r'<input[^>]*type="hidden"[^>]*>', shown.text):
        name, value = (re.search(f'{what}="([^"]*)"', hidden) for what in ("name", "value"))
        fields[name[1]] = html.unescape(value[1])
    api.ask(303, page, form=fields)
    api.cookies.clear()


def auth0(api, mailbox, issuer, address):
    """E-mail as the first factor, then an authenticator app, then a login with the app."""
    choose_password(api, mailbox, address)
    mailbox.next(address)  # the notice that the password was changed
    user = {"client_id": CLIENT, "username": address, "password": PASSWORD,
            "grant_type": "password"}

    def begun(**more):
        return api.ask(403, "/oauth/token", form={**user, **more})["mfa_token"]

    grants = "http://auth0.com/oauth/grant-type/"
    mfa_token = begun(audience=f"{issuer}mfa/", scope="enroll")
    listed = api.ask(200, "/mfa/authenticators", bearer=mfa_token).body
    challenge = api.ask(200, "/mfa/challenge", data={
        "client_id": CLIENT, "mfa_token": mfa_token, "challenge_type": "oob",
        "authenticator_id": listed[0]["id"]})
    tokens = api.ask(200, "/oauth/token", form={
        "client_id": CLIENT, "grant_type": f"{grants}mfa-oob", "mfa_token": mfa_token,
        "oob_code": challenge["oob_code"], "binding_code": mailbox.code(address)})
    enrol = tokens["access_token"]
    app = api.ask(200, "/mfa/associate", data={"authenticator_types": ["otp"]}, bearer=enrol)
    # The code of the step before leaves the code of this step to the login.
    api.ask(200, "/oauth/token", form={
        "client_id": CLIENT, "grant_type": f"{grants}mfa-otp", "mfa_token": enrol,
        "otp": totp(app["secret"], steps_ago=1)})
    mfa_token = begun(audience=API, scope="openid profile offline_access")
    code = {"client_id": CLIENT, "mfa_token": mfa_token, "otp": totp(app["secret"])}
    verified = api.ask(200, "/mfa/verify", data={
        "client_id": CLIENT, "mfa_token": mfa_token, "code": code["otp"]})
    assert verified["verified"] is True, verified.text
    tokens = api.ask(200, "/oauth/token", form={**code, "grant_type": f"{grants}mfa-otp"})
    assert api.ask(200, "/userinfo", bearer=tokens["access_token"])["sub"]
    fresh = api.ask(200, "/oauth/token", form={
        "client_id": CLIENT, "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"]})
    api.ask(200, "/oauth/revoke", form={"client_id": CLIENT, "token": fresh["refresh_token"]})
    return ["a new password by a link", "a code by e-mail", "an authenticator app"]


def abp(api, mailbox, issuer, address):
    """Registers, confirms the address, and signs in with a code by e-mail."""
    api.ask(200, "/api/account/register", data={
        "userName": "bea", "emailAddress": address, "password": PASSWORD, "appName": "Angular"})
    user = {"grant_type": "password", "client_id": CLIENT, "username": "bea",
            "password": PASSWORD, "scope": "offline_access"}
    told = api.ask(400, "/connect/token", form=user)
    assert told["error_description"].startswith("RequiresConfirmUser"), told.text
    user_id = told["userId"]
    api.ask(204, "/api/account/send-email-confirmation-token",
            data={"userId": user_id, "appName": "Angular"})
    link = urllib.parse.urlsplit(mailbox.link(address))
    token = urllib.parse.parse_qs(link.query)["confirmationToken"][0]
    api.ask(204, "/api/account/confirm-email", data={"userId": user_id, "token": token})
    begun = api.ask(400, "/connect/token", form=user)
    assert begun["error_description"] == "RequiresTwoFactor", begun.text
    pending = {"userId": begun["userId"], "token": begun["twoFactorToken"]}
    listed = api.ask(200, "/api/account/two-factor-providers?" + urllib.parse.urlencode(pending))
    assert "Email" in listed.body, listed.text
    api.ask(204, "/api/account/send-two-factor-code", data={**pending, "provider": "Email"})
    code = mailbox.code(address)
    verified = api.ask(200, "/api/two-factor-token/verify-two-factor-code",
                       data={**pending, "provider": "Email", "code": code})
    assert verified.body is True, verified.text
    tokens = api.ask(200, "/connect/token", form={
        **user, "TwoFactorProvider": "Email", "TwoFactorCode": code})
    assert tokens["refresh_token"]
    profile = api.ask(200, "/api/account/my-profile", bearer=tokens["access_token"])
    assert profile["email"] == address, profile.text
    enabled = api.ask(200, "/api/account/my-profile/two-factor-enabled",
                      bearer=tokens["access_token"])
    assert enabled.body is True, enabled.text
    return ["a registration", "a link to confirm", "a code by e-mail"]


def codemaze(api, mailbox, issuer, address):
    api.ask(201, "/api/accounts/registration", data={
        "firstName": "Cleo", "lastName": "Lake", "email": address, "password": PASSWORD,
        "confirmPassword": PASSWORD, "clientURI": "https://app.example.com/confirm"})
    link = urllib.parse.urlsplit(mailbox.link(address))
    api.ask(200, f"/api/accounts/emailconfirmation?{link.query}")
    user = {"email": address, "password": PASSWORD, "clientURI": "https://app.example.com/"}
    begun = api.ask(200, "/api/accounts/login", data=user)
    assert begun["is2StepVerificationRequired"] is True, begun.text
    tokens = api.ask(200, "/api/accounts/twostepverification", data={
        "email": address, "provider": begun["provider"], "token": mailbox.code(address)})
    assert tokens["isAuthSuccessful"] is True and tokens["token"].count(".") == 2
    return ["a registration", "a link to confirm", "a code by e-mail"]


def aidbox(api, mailbox, issuer, address, number):
    """A user of the tool's, whose code comes by text message."""
    choose_password(api, mailbox, address)
    user = {"grant_type": "password", "client_id": CLIENT, "username": address,
            "password": PASSWORD, "scope": "openid offline_access"}
    begun = api.ask(400, "/auth/token", data=user)
    assert begun["error_description"] == "2FA token is required", begun.text
    tokens = api.ask(200, "/auth/token", data={**user, "token": mailbox.code(number)})
    found = api.ask(200, "/auth/userinfo", bearer=tokens["access_token"])
    assert found["email"] == address, found.text
    api.ask(200, "/Session", bearer=tokens["access_token"], method="DELETE")
    api.ask(401, "/auth/userinfo", bearer=tokens["access_token"])
    return ["a new password by a link", "a code by text message"]
