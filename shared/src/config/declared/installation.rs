//! What an installation is, and what stands around it.

use super::setting::{Absent, Setting, Subject};

pub const INSTALLATION: Subject = Subject {
    title: "The installation",
    settings: &[
        Setting::required("COUNTERSIGN_TABLE", "name of the DynamoDB table"),
        Setting::required(
            "COUNTERSIGN_KMS_KEY",
            "id, ARN or alias of the KMS key that wraps the data keys",
        ),
        Setting::required(
            "COUNTERSIGN_STACK",
            "name of this installation, part of KMS's encryption context; never change this name",
        ),
        Setting::required(
            "COUNTERSIGN_ISSUER",
            "the issuer: an https URL that ends in `/`",
        )
        .known_as("Auth0: the tenant's domain or custom domain"),
        Setting::with_default(
            "COUNTERSIGN_DIALECTS",
            "auth0",
            "the dialects to serve, separated by commas: `auth0`, `abp`, `codemaze`, `aidbox`",
        ),
        Setting::new(
            "COUNTERSIGN_CODEMAZE_CLIENT",
            Absent::Told("required with `codemaze`"),
            "the client that `/api/accounts/` logs in for, because its requests name no client",
        ),
        Setting::new(
            "COUNTERSIGN_LINK_ORIGINS",
            Absent::Told("the issuer's origin"),
            "origins of the apps that links in messages may lead to, `https://app.example.com`, \
             separated by commas. The first origin is the default",
        ),
        Setting::optional(
            "COUNTERSIGN_CORS_ORIGINS",
            "origins whose pages may call the service, `https://app.example.com`, separated by \
             commas. The service takes the web origins of its clients too",
        )
        .known_as("Auth0: allowed origins (CORS)"),
        Setting::new(
            "COUNTERSIGN_EVENT_BUS",
            Absent::Told("none: the events stand in the log and in the table"),
            "name or ARN of the EventBridge bus that [events](../events.md) are delivered to",
        )
        .known_as("Auth0: a log stream to EventBridge"),
        Setting::optional(
            "COUNTERSIGN_EDGE_SECRET",
            "the secret that CloudFront adds to each request. The service then refuses any other \
             request, and reads the viewer's address from CloudFront's header: see \
             [In front](../operating.md#in-front)",
        )
        .known_as("Auth0: `cname-api-key` of a custom domain with self-managed certificates")
        .secret(),
        Setting::with_default(
            "COUNTERSIGN_AWS_ATTEMPT_MILLISECONDS",
            "1000",
            "how long one attempt at DynamoDB or KMS may take. A call with its retry may take 2.5 \
             times as long, a send 5 times",
        )
        .between(100, 60_000),
    ],
};
