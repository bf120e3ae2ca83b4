import 'package:auth0_flutter/auth0_flutter.dart';

final auth0 = Auth0('localhost:8788', 'demo');

class SecondFactor {
  final MfaApi mfa;
  final List<MfaAuthenticator> authenticators;
  SecondFactor(this.mfa, this.authenticators);
}

/// The tokens, or the login that waits for a second factor.
Future<(Credentials?, SecondFactor?)> signIn(String name, String password) async {
  try {
    final credentials = await auth0.api.login(
      usernameOrEmail: name,
      password: password,
      connectionOrRealm: 'Username-Password-Authentication',
      audience: 'https://someapi.com/api',
      scopes: {'openid', 'profile', 'email', 'read:sample', 'offline_access'},
    );
    return (credentials, null);
  } on ApiException catch (error) {
    final mfaToken = error.mfaToken;
    if (!error.isMultifactorRequired || mfaToken == null) rethrow;
    final mfa = auth0.mfa(mfaToken: mfaToken);
    final factors = error.mfaRequirements?.challenge.map((factor) => factor.type).toList() ?? [];
    return (null, SecondFactor(mfa, await mfa.getAuthenticators(factorsAllowed: factors)));
  }
}

/// Has a code sent to this authenticator's address. The result belongs to the code.
Future<String> sendCode(SecondFactor login, MfaAuthenticator email) async {
  final challenge = await login.mfa.challenge(authenticatorId: email.id);
  return challenge.oobCode!;
}

Future<Credentials> finishByEmail(SecondFactor login, String oobCode, String code) =>
    login.mfa.verifyOob(oobCode: oobCode, bindingCode: code);

/// The authenticator app needs no challenge.
Future<Credentials> finishByApp(SecondFactor login, String code) => login.mfa.verifyOtp(otp: code);

/// Shows how an app tells a wrong code from a login that is over.
Future<Credentials?> enterByApp(SecondFactor login, String code) async {
  try {
    return await finishByApp(login, code);
  } on MfaException catch (error) {
    if (error.isInvalidCode) {
      // A wrong code: ask again, with the same login.
      return null;
    }
    // With `isMfaTokenExpired`, the login is over: begin with the password.
    rethrow;
  }
}
