//! What users meet: factors, accounts, tokens, pages, and the move from another system.

use super::setting::{Absent, Setting, Subject};

pub const SECOND_FACTORS: Subject = Subject {
    title: "Second factors",
    settings: &[
        Setting::with_default(
            "COUNTERSIGN_MFA_POLICY",
            "optional",
            "who must have a second factor: `optional` (each user decides), `required` (everybody) \
             or `disabled` (the service asks nobody)",
        )
        .known_as("Auth0: the MFA policy, *Never* or *Always*"),
        Setting::with_default(
            "COUNTERSIGN_MFA_GRACE_SECONDS",
            "0",
            "with `required`: for how long after sign-up a user without a factor signs in without \
             a factor",
        )
        .between(0, 31_536_000),
        Setting::with_default(
            "COUNTERSIGN_AAL_POLICY",
            "prefer-aal2",
            "when e-mail is a second factor. `aal1`: always. `prefer-aal2`: for a user who has no \
             stronger factor. `aal2`: never; a user who has only e-mail sets up an app at the next \
             login",
        ),
        Setting::with_default(
            "COUNTERSIGN_TRUSTED_DEVICE_DAYS",
            "0",
            "how many days a [trusted device](../trusted-devices.md) or a remembered browser stands \
             in for the second factor, beside the password. 0: no device is remembered, and no \
             device that was remembered is trusted. 30 is usual",
        )
        .between(0, 365)
        .known_as("Auth0: *Remember this device for 30 days*"),
        Setting::with_default(
            "COUNTERSIGN_TOTP_PAST_STEPS",
            "1",
            "how many past 30-second steps a code may be from",
        )
        .between(0, 5)
        .known_as("AuthConfig: `twoFactor.validPastTokensCount`"),
        Setting::new(
            "COUNTERSIGN_TWO_FACTOR_ISSUER",
            Absent::Told("the product name"),
            "the issuer that authenticator apps show, at most 64 characters",
        )
        .known_as("AuthConfig: `twoFactor.issuerName`"),
        Setting::new(
            "COUNTERSIGN_PASSKEY_DOMAIN",
            Absent::Told("none: no passkey is taken"),
            "the domain that [passkeys](../passkeys.md) belong to: the host of \
             `COUNTERSIGN_ISSUER` or of `COUNTERSIGN_WEB_DOMAIN`, or a domain above one of them. \
             Never change this domain: passkeys of another domain are lost",
        )
        .known_as("Auth0: the *Relying Party ID* of passkeys, the custom domain"),
        Setting::with_default(
            "COUNTERSIGN_PASSKEY_FACTORS",
            "two",
            "how many factors a passkey counts as that has verified its user by a PIN or a \
             finger: `two`, or `one` to demand a second factor as after a password. A passkey \
             that has verified nobody always counts as one",
        ),
        Setting::new(
            "COUNTERSIGN_PASSKEY_PAGE",
            Absent::Told("none"),
            "the page of your app where a signed-in user makes and removes passkeys, an https \
             URL. Password managers read this URL from `/.well-known/passkey-endpoints`",
        ),
    ],
};

pub const ACCOUNTS: Subject = Subject {
    title: "Accounts",
    settings: &[
        Setting::with_default(
            "COUNTERSIGN_PASSWORD_MINIMUM_LENGTH",
            "8",
            "minimum length of new passwords in characters",
        )
        .between(8, 64)
        .known_as("Auth0: `password_complexity_options.min_length` of the connection"),
        Setting::with_default(
            "COUNTERSIGN_CONFIRMATION_REQUIRED",
            "email",
            "what a user without a second factor must confirm before getting tokens: `none`, \
             `email`, `phone` or `both`. A user without a number sets up an authenticator app on \
             the page `/auth/two-factor` instead. So the start refuses `phone` and `both` with \
             `COUNTERSIGN_MFA_POLICY=disabled`",
        ),
        Setting::with_default(
            "COUNTERSIGN_SIGN_UP",
            "abp,codemaze,aidbox",
            "the dialects in whose words a stranger may sign up, separated by commas; or `none`. \
             Auth0's apps sign nobody up unless `auth0` is named. The page `/auth/signup` is open \
             with `auth0` or `aidbox`. A dialect that is not served opens nothing",
        )
        .known_as("Auth0: *Disable Sign Ups* of the connection"),
        Setting::with_default(
            "COUNTERSIGN_UNCONFIRMED_ENROLLMENT",
            "refused",
            "whether a session under an unconfirmed e-mail address enrols second factors: \
             `refused`, or `allowed` for a trial. With `allowed`, somebody who signs up with \
             another person's address keeps a second factor there until the owner of the mailbox \
             resets the password",
        ),
        Setting::with_default(
            "COUNTERSIGN_CONNECTIONS",
            "Username-Password-Authentication",
            "the names that Auth0's apps may give the directory of users as `connection`, \
             separated by commas",
        )
        .known_as("Auth0: the names of database connections"),
    ],
};

pub const TOKENS: Subject = Subject {
    title: "Tokens",
    settings: &[
        Setting::with_default(
            "COUNTERSIGN_SIGNING_ALGORITHM",
            "RS256",
            "`RS256` or `ES256`. API Gateway's own JWT authorizer takes `RS256` only",
        )
        .known_as("Auth0: `signing_alg` of the API"),
        Setting::with_default(
            "COUNTERSIGN_SIGNING_KEY_DAYS",
            "90",
            "how many days old a signing key gets before the service makes the next key",
        )
        .between(7, 3650),
        Setting::with_default(
            "COUNTERSIGN_ACCESS_TOKEN_SECONDS",
            "3600",
            "lifetime of access tokens",
        )
        .between(60, 2_592_000)
        .known_as("Auth0: `token_lifetime` of the API"),
        Setting::with_default(
            "COUNTERSIGN_ID_TOKEN_SECONDS",
            "1200",
            "lifetime of id tokens",
        )
        .between(60, 2_592_000)
        .known_as("Auth0: `jwt_configuration.lifetime_in_seconds` of the application"),
        Setting::with_default(
            "COUNTERSIGN_REFRESH_IDLE_SECONDS",
            "1209600",
            "how long an unused refresh token stays valid",
        )
        .between(60, 31_536_000)
        .known_as("Auth0: `refresh_token.idle_token_lifetime`"),
        Setting::with_default(
            "COUNTERSIGN_REFRESH_ABSOLUTE_SECONDS",
            "2592000",
            "how long a session lasts at most",
        )
        .between(60, 31_536_000)
        .known_as("Auth0: `refresh_token.token_lifetime`"),
        Setting::with_default(
            "COUNTERSIGN_REFRESH_GRACE_SECONDS",
            "60",
            "how long a client may retry a refresh with the previous token",
        )
        .between(30, 600)
        .known_as("Auth0: `refresh_token.leeway`"),
        Setting::with_default(
            "COUNTERSIGN_DPOP_REPLAY",
            "accepted",
            "whether a DPoP proof is good for several requests while it is valid: `accepted`, or \
             `refused`, which costs a write to DynamoDB for each proof. The very same request may \
             always be sent again",
        ),
    ],
};

pub const PAGES: Subject = Subject {
    title: "The pages",
    settings: &[
        Setting::new(
            "COUNTERSIGN_THEME_BRAND",
            Absent::Told("the product name"),
            "the name of the application on the pages, at most 100 characters",
        )
        .known_as("AuthConfig: `theme.brand`"),
        Setting::optional(
            "COUNTERSIGN_THEME_TITLE",
            "the title of the pages' sign-in form, at most 100 characters",
        )
        .known_as("AuthConfig: `theme.title`"),
        Setting::optional(
            "COUNTERSIGN_THEME_STYLE_URL",
            "https URL of a stylesheet for the pages",
        )
        .known_as("AuthConfig: `theme.styleUrl`"),
        Setting::optional(
            "COUNTERSIGN_THEME_FORGOT_PASSWORD_URL",
            "https URL of your own page for a forgotten password",
        )
        .known_as("AuthConfig: `theme.forgotPasswordUrl`"),
    ],
};

pub const MOVING_IN: Subject = Subject {
    title: "Users who move in as they sign in",
    settings: &[
        Setting::new(
            "COUNTERSIGN_MIGRATION_URL",
            Absent::Told("none: nobody is asked"),
            "https URL of the former system that the service asks about a name that is unknown \
             here: see [Users move in as they sign in](../lazy-migration.md)",
        )
        .known_as("Auth0: a custom database with *Import Users to Auth0*"),
        Setting::new(
            "COUNTERSIGN_MIGRATION_USER_URL",
            Absent::Told("none: nobody is asked"),
            "https URL of the former system that the service asks, without a password, whether a \
             name is known there, at a sign-up and when a password is forgotten. Needs \
             `COUNTERSIGN_MIGRATION_URL`",
        )
        .known_as("Auth0: the *Get User* script of a custom database"),
        Setting::optional(
            "COUNTERSIGN_MIGRATION_HEADERS",
            "headers of these requests, a JSON object of texts",
        )
        .secret(),
        Setting::with_default(
            "COUNTERSIGN_MIGRATION_TIMEOUT_MILLISECONDS",
            "3000",
            "how long the former system may take",
        )
        .between(100, 10_000),
        Setting::new(
            "COUNTERSIGN_MIGRATION_ROLES",
            Absent::Told("none: no roles"),
            "the list in `app_metadata` whose role names a user gets",
        ),
    ],
};
