//! The clients, and what the dialects that are switched on need of them.

use countersign::app::App;
use countersign::domain::authorization::grant::Grant;

use crate::problem::Problem;
use crate::report::progress::with_items_counted;
use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "clients";

pub(super) async fn look(app: &App, findings: &mut Diagnosis) -> Result<(), Problem> {
    findings.checked(AREA);
    let (config, clients) = (
        &app.config,
        with_items_counted(app, app.store.list_clients()).await?,
    );
    if clients.is_empty() {
        findings.add(
            AREA,
            "there is no client: nobody can sign in",
            "countersign client add app --for mobile --audience https://api.example.com/",
        );
        return Ok(());
    }
    let own = [
        config.mfa_audience(),
        config.account_audience(),
        config.userinfo_audience(),
    ];
    for client in &clients {
        if client
            .audiences
            .iter()
            .all(|audience| own.contains(audience))
        {
            let kept = client
                .audiences
                .iter()
                .map(|one| format!(" --audience {one}"));
            findings.add(
                AREA,
                format!(
                    "{} lacks the audience of an API: its tokens are good for our own endpoints only",
                    client.id
                ),
                format!(
                    "countersign client update {} --audience https://api.example.com/{}",
                    client.id,
                    kept.collect::<String>()
                ),
            );
        }
    }
    for client in &clients {
        let begins_in_a_browser =
            client.grants.allows(Grant::AuthorizationCode) || client.grants.allows(Grant::Implicit);
        if begins_in_a_browser && client.redirect_uris.is_empty() {
            findings.add(
                AREA,
                format!(
                    "{} signs users in by a browser, and has no redirect URI: the sign-in page refuses it",
                    client.id
                ),
                format!(
                    "countersign client update {} --redirect-uri https://app.example.com/signed-in",
                    client.id
                ),
            );
        }
    }
    let account = config.account_audience();
    for dialect in &config.dialects {
        let name = dialect.name();
        let has_account = clients
            .iter()
            .any(|client| client.audiences.contains(&account));
        if dialect.clients_name_no_audience() && !has_account {
            findings.add(
                AREA,
                format!("the dialect {name} is on, and no client has the audience {account}"),
                format!(
                    "countersign client add {name}-app --for mobile \
                     --audience https://api.example.com/ --audience {{issuer}}api/account/"
                ),
            );
        }
        // With a token for this audience, a signed-in user adds and removes factors.
        let mfa = config.mfa_audience();
        let enrols = clients.iter().any(|client| client.audiences.contains(&mfa));
        if dialect.enrolls_by_mfa_token() && !enrols {
            findings.add(
                AREA,
                format!("the dialect {name} is on, and no client has the audience {mfa}: no signed-in user can enrol a factor"),
                "countersign client add app --for mobile --audience https://api.example.com/ \
                 --audience {issuer}mfa/",
            );
        }
        // Their links lead to pages of the app, and the issuer has no such pages.
        if let Some(pages) = dialect.pages_of_app()
            && config.links.are_only_of(&config.issuer)
            && !is_of_this_machine(&config.issuer)
        {
            findings.add(
                AREA,
                format!(
                    "the dialect {name} is on, and no origin of an app is set: links in its messages \
                     lead to {} itself, which does not have {pages}",
                    config.issuer
                ),
                "sam deploy --no-fail-on-empty-changeset \
                 --parameter-overrides LinkOrigins=https://app.example.com",
            );
        }
        if dialect.has_one_client()
            && let Some(wanted) = &config.codemaze_client
            && !clients.iter().any(|client| client.id == *wanted)
        {
            findings.add(
                AREA,
                format!("the dialect {name} is on, and its client {wanted} is not there"),
                format!(
                    "countersign client add {wanted} --for mobile --audience https://api.example.com/"
                ),
            );
        }
    }
    Ok(())
}

/// Whether this is the issuer of a `cargo local`, whose page stands in for the app.
fn is_of_this_machine(issuer: &str) -> bool {
    let host = issuer.split("://").nth(1).unwrap_or_default();
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|own| host.starts_with(own))
}
