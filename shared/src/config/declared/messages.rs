//! What goes out: e-mails, text messages, and posts to the webhook.

use super::setting::{Absent, Setting, Subject};

pub const MESSAGES: Subject = Subject {
    title: "Messages",
    settings: &[
        Setting::required(
            "COUNTERSIGN_PRODUCT_NAME",
            "the product's name in messages; GSM-7 characters",
        )
        .known_as("Auth0: the tenant's `friendly_name`"),
        Setting::new(
            "COUNTERSIGN_WEB_DOMAIN",
            Absent::Told("the issuer's host"),
            "the domain whose pages and apps may fill in a code from a message",
        ),
        Setting::required(
            "COUNTERSIGN_EMAIL_FROM",
            "sender, `a@b` or `Name <a@b>`, verified in SES",
        )
        .known_as("Auth0: `default_from_address` of the e-mail provider"),
        Setting::optional(
            "COUNTERSIGN_SES_CONFIGURATION_SET",
            "SES configuration set that every e-mail names. It takes the place of the set that the \
             identity has by default",
        ),
    ],
};

pub const TEXT_MESSAGES: Subject = Subject {
    title: "Text messages",
    settings: &[
        Setting::new(
            "COUNTERSIGN_SMS_COUNTRIES",
            Absent::Told("none: no text messages"),
            "prefixes of the numbers that text messages may go to, and with `-` prefixes that they \
             may not: `+1,+44,-4470`. The longest prefix decides. `+1` means the United States and \
             Canada only",
        ),
        Setting::optional(
            "COUNTERSIGN_SMS_SENDER_ID",
            "SNS sender id: 1 to 11 letters, digits, hyphens",
        ),
        Setting::optional(
            "COUNTERSIGN_SMS_ORIGINATION_NUMBER",
            "SNS origination number, `+15555550100` or a short code",
        )
        .known_as("Auth0: `default_from` of the phone provider"),
        Setting::with_default(
            "COUNTERSIGN_SMS_DAILY_TO_PREFIX",
            "100",
            "the most text messages in a day (UTC) to unconfirmed numbers of one calling code, and \
             of codes in place of a password that an unknown network asks for. A \
             country behind a shared code counts alone, such as `+1876`",
        )
        .between(1, 1_000_000),
        Setting::with_default(
            "COUNTERSIGN_SMS_DAILY",
            "200",
            "the most text messages in a day (UTC) to unconfirmed numbers, and of codes in place of \
             a password that an unknown network asks for, in all",
        )
        .between(1, 1_000_000),
    ],
};

pub const WEBHOOK: Subject = Subject {
    title: "The webhook for codes",
    settings: &[
        Setting::new(
            "COUNTERSIGN_WEBHOOK_ENDPOINT",
            Absent::Told("none: no webhook"),
            "https URL that the service posts codes to",
        )
        .known_as("AuthConfig: `twoFactor.webhook.endpoint`"),
        Setting::with_default(
            "COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS",
            "2000",
            "how long the webhook may take",
        )
        .between(100, 5000)
        .known_as("AuthConfig: `twoFactor.webhook.timeout`"),
        Setting::optional(
            "COUNTERSIGN_WEBHOOK_HEADERS",
            "headers of the webhook's requests, a JSON object of texts",
        )
        .known_as("AuthConfig: `twoFactor.webhook.headers`")
        .secret(),
    ],
};
