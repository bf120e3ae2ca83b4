import com.auth0.android.Auth0
import com.auth0.android.authentication.AuthenticationAPIClient
import com.auth0.android.authentication.AuthenticationException
import com.auth0.android.authentication.mfa.MfaException
import com.auth0.android.authentication.mfa.MfaVerificationType
import com.auth0.android.result.Authenticator
import com.auth0.android.result.Credentials

val authentication = AuthenticationAPIClient(Auth0.getInstance("demo", "localhost:8788"))

class SecondFactor(val mfaToken: String, val authenticators: List<Authenticator>)

sealed interface Step {
    class SignedIn(val credentials: Credentials) : Step
    class NeedsSecondFactor(val login: SecondFactor) : Step
}

suspend fun signIn(name: String, password: String): Step = try {
    Step.SignedIn(
        authentication
            .login(name, password, "Username-Password-Authentication")
            .setAudience("https://someapi.com/api")
            .setScope("openid profile email read:sample offline_access")
            .validateClaims()
            .await()
    )
} catch (error: AuthenticationException) {
    val payload = error.mfaRequiredErrorPayload
    if (!error.isMultifactorRequired || payload == null) throw error
    val factors = payload.mfaRequirements?.challenge?.map { it.type } ?: emptyList()
    val authenticators = authentication
        .mfaClient(payload.mfaToken)
        .getAuthenticators(factorsAllowed = factors)
        .await()
    Step.NeedsSecondFactor(SecondFactor(payload.mfaToken, authenticators))
}

/** Has a code sent to this authenticator's address. The result belongs to the code. */
suspend fun sendCode(login: SecondFactor, email: Authenticator): String {
    val challenge = authentication.mfaClient(login.mfaToken).challenge(email.id).await()
    return checkNotNull(challenge.oobCode)
}

suspend fun finish(login: SecondFactor, oobCode: String, code: String): Credentials =
    authentication
        .mfaClient(login.mfaToken)
        .verify(MfaVerificationType.Oob(oobCode, bindingCode = code))
        .await()

/** The authenticator app needs no challenge. */
suspend fun finish(login: SecondFactor, appCode: String): Credentials =
    authentication
        .mfaClient(login.mfaToken)
        .verify(MfaVerificationType.Otp(appCode))
        .await()

/** Shows how an app tells a wrong code from a login that is over. */
suspend fun enter(login: SecondFactor, appCode: String): Credentials? = try {
    finish(login, appCode)
} catch (error: MfaException.MfaVerifyException) {
    when (error.getCode()) {
        "invalid_grant" -> null // a wrong code: ask again, with the same login
        // "expired_token": the login is over, begin with the password
        // "too_many_attempts": wait
        else -> throw error
    }
}
