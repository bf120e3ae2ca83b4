import Auth0

struct SecondFactor {
    let mfaToken: String
    let authenticators: [Authenticator]
}

enum Step {
    case signedIn(Credentials)
    case secondFactor(SecondFactor)
}

func signIn(name: String, password: String) async throws -> Step {
    do {
        let credentials = try await Auth0
            .authentication()
            .login(usernameOrEmail: name,
                   password: password,
                   realmOrConnection: "Username-Password-Authentication",
                   audience: "https://someapi.com/api",
                   scope: "openid profile email read:sample offline_access")
            .validateClaims()
            .start()
        return .signedIn(credentials)
    } catch let error as AuthenticationError where error.isMultifactorRequired {
        guard let payload = error.mfaRequiredErrorPayload else { throw error }
        let factors = payload.mfaRequirements.challenge?.map(\.type) ?? []
        let authenticators = try await Auth0
            .mfa()
            .getAuthenticators(mfaToken: payload.mfaToken, factorsAllowed: factors)
            .start()
        return .secondFactor(SecondFactor(mfaToken: payload.mfaToken, authenticators: authenticators))
    }
}

/// Has a code sent to this authenticator's address. The result belongs to the code.
func sendCode(_ login: SecondFactor, to email: Authenticator) async throws -> String {
    try await Auth0
        .mfa()
        .challenge(with: email.id, mfaToken: login.mfaToken)
        .start()
        .oobCode
}

func finish(_ login: SecondFactor, oobCode: String, code: String) async throws -> Credentials {
    try await Auth0
        .mfa()
        .verify(oobCode: oobCode, bindingCode: code, mfaToken: login.mfaToken)
        .validateClaims()
        .start()
}

/// The authenticator app needs no challenge.
func finish(_ login: SecondFactor, appCode: String) async throws -> Credentials {
    try await Auth0
        .mfa()
        .verify(otp: appCode, mfaToken: login.mfaToken)
        .validateClaims()
        .start()
}

/// Shows how an app tells a wrong code from a login that is over.
func enter(appCode code: String, for login: SecondFactor) async throws -> Credentials? {
    do {
        return try await finish(login, appCode: code)
    } catch let error as MFAVerifyError where error.code == "invalid_grant" {
        // A wrong code: ask again, with the same login.
        return nil
    } catch let error as MFAVerifyError where error.code == "expired_token" {
        // The login is over: begin with the password.
        throw error
    }
}
