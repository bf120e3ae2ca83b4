//! `client`: the apps that sign users in.

mod file;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use countersign::app::App;
use countersign::domain::authorization::client::{Client, OFFLINE_ACCESS};
use countersign::domain::authorization::grant::{Grant, Grants};
use countersign::usecase::administration::clients::add::add_new_client;
use countersign::usecase::administration::clients::change::change_client;
use countersign::usecase::administration::clients::remove::remove_client;
use countersign::usecase::administration::clients::rotate_secret::rotate_secret;
use countersign::usecase::administration::operator::Operator;
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::report::Report;
use crate::report::progress::with_items_counted;

/// The commands for clients.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// Make a client
    #[command(
        after_help = "Example: countersign client add shop-app --for mobile --audience https://api.example.com/\n\
                      Example: countersign client add shop-app --for mobile --from shop-app.json"
    )]
    Add(AddClient),
    /// List every client
    #[command(after_help = "Example: countersign client list --json")]
    List,
    /// Show one client
    #[command(after_help = "Example: countersign client show shop-app")]
    Show {
        /// The client_id
        id: String,
    },
    /// Change what a client may do; fields that you do not name stay as they are
    #[command(
        after_help = "Example: countersign client update shop-app --scope read:orders --scope offline_access"
    )]
    Update {
        /// The client_id
        id: String,
        #[command(flatten)]
        fields: FieldOptions,
    },
    /// Give a confidential client a new secret; the newest secret before stays valid
    #[command(after_help = "Example: countersign client rotate-secret shop-server")]
    RotateSecret {
        /// The client_id
        id: String,
        /// Revoke the old secrets now
        #[arg(long)]
        end_old: bool,
    },
    /// Remove a client
    #[command(after_help = "Example: countersign client remove shop-app")]
    Remove {
        /// The client_id
        id: String,
    },
}

/// A new client.
#[derive(Args, Clone, Debug)]
pub struct AddClient {
    /// The client_id
    id: String,
    /// What the app is, which gives grants and scopes
    #[arg(long = "for", value_enum)]
    kind: ClientKind,
    #[command(flatten)]
    fields: FieldOptions,
}

/// What an app is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ClientKind {
    /// An app on a phone: password and MFA grants, refresh tokens, no secret
    Mobile,
    /// An app in a browser: authorization code with PKCE, refresh tokens and MFA grants, no secret
    Browser,
    /// A server that signs users in with a password: the grants of an app on a phone, and a secret
    Server,
    /// A server behind a browser: authorization code, refresh tokens, and a secret
    WebServer,
    /// A program that acts for itself, without a user: client_credentials, and a secret
    Machine,
}

/// What a client may do.
#[derive(Args, Clone, Debug, Default)]
pub struct FieldOptions {
    /// A grant type: password, password-realm, mfa-otp, mfa-oob, mfa-recovery-code,
    /// refresh_token, authorization_code, client_credentials or implicit [repeatable]
    #[arg(long = "grant", value_name = "GRANT", value_parser = known_grant)]
    grants: Option<Vec<Grant>>,
    /// A scope that the client may ask for, beside OpenID Connect's own [repeatable]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// An audience that the client may ask for; the first is the default. `{issuer}` stands for
    /// the issuer: `{issuer}mfa/` is for enrolment, `{issuer}api/account/` for ABP's and Aidbox's
    /// apps [repeatable]
    #[arg(long = "audience", value_name = "AUDIENCE")]
    audiences: Option<Vec<String>>,
    /// A URI that a browser may be sent back to [repeatable]
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Option<Vec<String>>,
    /// A URI that a browser may be sent to after a sign-out [repeatable]
    #[arg(long = "logout-uri", value_name = "URI")]
    logout_uris: Option<Vec<String>>,
    /// The origin of a page that may get an answer as a message, such as
    /// https://app.example.com [repeatable]
    #[arg(long = "web-origin", value_name = "ORIGIN")]
    web_origins: Option<Vec<String>>,
    /// An Android app that may use passkeys: the package, an equals sign and the SHA-256
    /// fingerprint of the certificate, as keytool prints it [repeatable]
    #[arg(long = "android-app", value_name = "PACKAGE=FINGERPRINT")]
    android_apps: Option<Vec<String>>,
    /// An iOS app that may use passkeys, such as A1B2C3D4E5.com.example.shop [repeatable]
    #[arg(long = "ios-app", value_name = "TEAM.BUNDLE")]
    ios_apps: Option<Vec<String>>,
    /// Whether the app is your own and may take passwords and codes itself, without a
    /// browser, for an authorization code
    #[arg(long, value_name = "TRUE|FALSE")]
    first_party: Option<bool>,
    /// Lifetime of access tokens, 0 for the deployment's setting
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    access_token_seconds: Option<i64>,
    /// How long a refresh token may stay unused, 0 for the deployment's setting
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    refresh_idle_seconds: Option<i64>,
    /// How long refreshes may go on, 0 for the deployment's setting
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    refresh_absolute_seconds: Option<i64>,
    /// A JSON file with fields, as `client show --json` prints them. An option wins over the
    /// same field of the file
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// The grant type of this name. The name may also be the last part of one of Auth0's
/// URIs.
pub(crate) fn known_grant(name: &str) -> Result<Grant, String> {
    let named = |grant: &Grant| grant.name() == name || grant.short_name() == name;
    Grant::ALL.into_iter().find(named).ok_or_else(|| {
        let known = Grant::ALL.map(Grant::short_name).join(", ");
        format!("wants one of {known}")
    })
}

impl ClientKind {
    fn confidential(self) -> bool {
        match self {
            Self::Server | Self::WebServer | Self::Machine => true,
            Self::Mobile | Self::Browser => false,
        }
    }

    fn grants(self) -> Grants {
        match self {
            Self::Mobile | Self::Server => Grants::from(Grant::OF_A_PASSWORD_LOGIN),
            Self::WebServer => Grants::from([Grant::AuthorizationCode, Grant::RefreshToken]),
            // By the MFA grants, the app shows a factor where a refresh wants one.
            Self::Browser => Grants::from([
                Grant::AuthorizationCode,
                Grant::RefreshToken,
                Grant::MfaOtp,
                Grant::MfaOob,
                Grant::MfaRecoveryCode,
                Grant::MfaPasskey,
            ]),
            Self::Machine => Grants::from([Grant::ClientCredentials]),
        }
    }

    fn scopes(self) -> Vec<String> {
        let scopes: &[&str] = match self {
            // With these, a signed-in user adds and removes factors.
            Self::Mobile => &[
                OFFLINE_ACCESS,
                "enroll",
                "read:authenticators",
                "remove:authenticators",
            ],
            Self::Browser | Self::Server | Self::WebServer => &[OFFLINE_ACCESS],
            // A refresh token belongs to a user's session.
            Self::Machine => &[],
        };
        scopes.iter().map(|scope| (*scope).to_owned()).collect()
    }
}

impl FieldOptions {
    /// Sets the named fields of the client.
    fn set(&self, client: &mut Client, issuer: &str) {
        if let Some(grants) = &self.grants {
            client.grants = grants.iter().copied().collect();
        }
        let lists = [
            (&self.scopes, &mut client.scopes),
            (&self.redirect_uris, &mut client.redirect_uris),
            (&self.logout_uris, &mut client.logout_uris),
            (&self.web_origins, &mut client.web_origins),
            (&self.android_apps, &mut client.apps.android),
            (&self.ios_apps, &mut client.apps.ios),
        ];
        for (named, list) in lists {
            if let Some(named) = named {
                list.clone_from(named);
            }
        }
        if let Some(audiences) = &self.audiences {
            let whole = |one: &String| one.replace("{issuer}", issuer);
            client.audiences = audiences.iter().map(whole).collect();
        }
        if let Some(first_party) = self.first_party {
            client.first_party = first_party;
        }
        let lifetimes = [
            (self.access_token_seconds, &mut client.access_token_seconds),
            (self.refresh_idle_seconds, &mut client.refresh_idle_seconds),
            (
                self.refresh_absolute_seconds,
                &mut client.refresh_absolute_seconds,
            ),
        ];
        for (named, lifetime) in lifetimes {
            if let Some(seconds) = named {
                *lifetime = Some(seconds).filter(|seconds| *seconds != 0);
            }
        }
    }
}

impl ClientCommand {
    /// Whether the command reads the fields of the client from a file.
    pub(crate) fn reads_a_file(&self) -> bool {
        match self {
            Self::Add(AddClient { fields, .. }) | Self::Update { fields, .. } => {
                fields.from.is_some()
            }
            Self::List | Self::Show { .. } | Self::RotateSecret { .. } | Self::Remove { .. } => {
                false
            }
        }
    }
}

/// Runs the command.
///
/// # Errors
/// The reason, in one line, if the command fails.
pub async fn act(
    app: &App,
    operator: Operator,
    command: &ClientCommand,
) -> Result<Report, Problem> {
    match command {
        ClientCommand::Add(new) => add(app, &operator, new).await,
        ClientCommand::List => {
            let clients = with_items_counted(app, app.store.list_clients()).await?;
            Ok(Report::Table {
                columns: &["id", "confidential", "grants", "audiences"],
                rows: clients.iter().map(client_json).collect(),
            })
        }
        ClientCommand::Show { id } => {
            let found = app.store.read_client(id).await?;
            let missing = || Problem::missing(format!("there is no client {id}"));
            Ok(Report::Sheet(client_json(&found.ok_or_else(missing)?)))
        }
        ClientCommand::Update { id, fields } => {
            let (issuer, fields) = (&app.config.issuer, fields.whole()?);
            let change = |client: &mut Client| fields.set(client, issuer);
            let client = change_client(app, &operator, id, change).await?;
            Ok(Report::Sheet(client_json(&client)))
        }
        ClientCommand::RotateSecret { id, end_old } => {
            let secret = rotate_secret(app, &operator, id, *end_old).await?;
            let rest = match end_old {
                true => "Every old secret has ended.",
                false => "The secret before stays valid, until the next change of the secret.",
            };
            Ok(Report::Done {
                sentence: format!(
                    "The new secret of {id}, shown this once:\n\n    {}\n\n{rest} Every function \
                     knows the secret after five minutes at the latest.",
                    secret.expose()
                ),
                value: json!({ "id": id, "secret": secret.expose() }),
            })
        }
        ClientCommand::Remove { id } => {
            remove_client(app, &operator, id).await?;
            Ok(Report::Done {
                sentence: format!(
                    "The client {id} is removed. Every function refuses it after five minutes at \
                     the latest."
                ),
                value: json!({ "id": id, "removed": true }),
            })
        }
    }
}

async fn add(app: &App, operator: &Operator, new: &AddClient) -> Result<Report, Problem> {
    let issuer = &app.config.issuer;
    let mut client = Client {
        grants: new.kind.grants(),
        scopes: new.kind.scopes(),
        ..Client::new(new.id.clone())
    };
    new.fields.whole()?.set(&mut client, issuer);
    let browser = matches!(new.kind, ClientKind::Browser | ClientKind::WebServer);
    if browser && client.redirect_uris.is_empty() {
        return Err(Problem::usage(
            "an app in a browser wants at least one --redirect-uri",
        ));
    }
    // A signed-in user enrols factors with a token for this audience. The first
    // audience is the default, so this audience is added only behind another audience.
    let mfa = app.config.mfa_audience();
    let has_default = !client.audiences.is_empty();
    if new.kind == ClientKind::Mobile && has_default && !client.audiences.contains(&mfa) {
        client.audiences.push(mfa);
    }
    let (client, secret) = add_new_client(app, operator, client, new.kind.confidential()).await?;
    let mut value = client_json(&client);
    if let (Some(secret), Value::Object(fields)) = (secret, &mut value) {
        // The secret is shown only now, because the table holds only its hash.
        fields.insert("secret".to_owned(), json!(secret.expose()));
    }
    Ok(Report::Sheet(value))
}

/// A client without its secrets.
fn client_json(client: &Client) -> Value {
    json!({
        "id": client.id,
        "confidential": !client.is_public(),
        "secrets": client.secret_hashes.len(),
        "grants": client.grants.names().map(|one| one.rsplit('/').next().unwrap_or(one)).collect::<Vec<_>>(),
        "scopes": client.scopes,
        "audiences": client.audiences,
        "redirect_uris": client.redirect_uris,
        "logout_uris": client.logout_uris,
        "web_origins": client.web_origins,
        "android_apps": client.apps.android,
        "ios_apps": client.apps.ios,
        "first_party": client.first_party,
        "access_token_seconds": client.access_token_seconds,
        "refresh_idle_seconds": client.refresh_idle_seconds,
        "refresh_absolute_seconds": client.refresh_absolute_seconds,
    })
}
