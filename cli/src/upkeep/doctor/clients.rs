//! The clients, and what the dialects that are switched on need of them.

use countersign::app::App;
use countersign::domain::Dialect;

use crate::problem::Problem;
use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "clients";

pub(super) async fn look(app: &App, findings: &mut Diagnosis) -> Result<(), Problem> {
    findings.checked(AREA);
    let (config, clients) = (&app.config, app.store.list_clients().await?);
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
        if *dialect == Dialect::Auth0 && !enrols {
            findings.add(
                AREA,
                format!("the dialect {name} is on, and no client has the audience {mfa}: no signed-in user can enrol a factor"),
                "countersign client add app --for mobile --audience https://api.example.com/ \
                 --audience {issuer}mfa/",
            );
        }
        if *dialect == Dialect::CodeMaze
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
