//! SES: whether the account may send, to whom, how much, and as whom.

use aws_config::SdkConfig;
use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityOutput;
use aws_sdk_sesv2::types::DkimStatus;
use countersign::app::App;
use countersign::domain::Timestamp;

use crate::upkeep::doctor::clock::Dated;
use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "e-mail";

/// Looks at SES. Returns the time of AWS's answer, if there was one.
pub(super) async fn look(
    app: &App,
    aws: &SdkConfig,
    findings: &mut Diagnosis,
) -> Option<Timestamp> {
    findings.checked(AREA);
    let dated = Dated::default();
    let config = aws_sdk_sesv2::config::Builder::from(aws).interceptor(dated.clone());
    let client = aws_sdk_sesv2::Client::from_conf(config.build());
    match client.get_account().send().await {
        Err(error) => findings.unanswered(AREA, "the account's state", &error),
        Ok(account) => {
            if !account.production_access_enabled {
                findings.add(
                    AREA,
                    "the account is in SES's sandbox: only verified addresses get e-mails",
                    format!(
                        "aws sesv2 put-account-details --production-access-enabled \
                         --mail-type TRANSACTIONAL --website-url {}",
                        app.config.issuer
                    ),
                );
            }
            if !account.sending_enabled {
                findings.add(
                    AREA,
                    "SES has stopped sending for the account",
                    "aws sesv2 put-account-sending-attributes --sending-enabled",
                );
            }
            if let Some(quota) = account.send_quota
                && quota.max24_hour_send > 0.0
                && quota.sent_last24_hours > 0.8 * quota.max24_hour_send
            {
                findings.add(
                    AREA,
                    format!(
                        "{:.0} of {:.0} e-mails of a day are used",
                        quota.sent_last24_hours, quota.max24_hour_send
                    ),
                    format!(
                        "aws service-quotas request-service-quota-increase --service-code ses \
                         --quota-code L-804C8AE8 --desired-value {:.0}",
                        2.0 * quota.max24_hour_send
                    ),
                );
            }
        }
    }
    identity(app, &client, findings).await;
    if let Some(set) = &app.config.messages.ses_configuration_set {
        configuration_set(set, &client, findings).await;
    }
    dated.seen()
}

/// The configuration set that every e-mail names.
async fn configuration_set(set: &str, client: &aws_sdk_sesv2::Client, findings: &mut Diagnosis) {
    let asked = client.get_configuration_set().configuration_set_name(set);
    match asked.send().await {
        Ok(found) => {
            let sending = found.sending_options.as_ref();
            if sending.is_some_and(|sending| !sending.sending_enabled) {
                findings.add(
                    AREA,
                    format!("SES has stopped sending under the configuration set {set}"),
                    format!(
                        "aws sesv2 put-configuration-set-sending-options \
                         --configuration-set-name {set} --sending-enabled"
                    ),
                );
            }
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_not_found_exception()) =>
        {
            findings.add(
                AREA,
                format!("SES has no configuration set {set}: no e-mail goes out"),
                format!("aws sesv2 create-configuration-set --configuration-set-name {set}"),
            );
        }
        Err(error) => findings.unanswered(AREA, &format!("the configuration set {set}"), &error),
    }
}

/// The sender's address, or its domain: whichever is verified.
async fn identity(app: &App, client: &aws_sdk_sesv2::Client, findings: &mut Diagnosis) {
    let from = &app.config.messages.sender;
    let address = match from.split_once('<') {
        Some((_, rest)) => rest.trim_end_matches('>'),
        None => from,
    };
    let domain = address
        .split_once('@')
        .map_or(address, |(_, domain)| domain);
    let mut known: Vec<(&str, GetEmailIdentityOutput)> = Vec::new();
    for name in [domain, address] {
        match client
            .get_email_identity()
            .email_identity(name)
            .send()
            .await
        {
            Ok(identity) => known.push((name, identity)),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_not_found_exception()) => {}
            Err(error) => {
                findings.unanswered(AREA, &format!("the identity {name}"), &error);
                return;
            }
        }
    }
    known.retain(|(_, identity)| identity.verified_for_sending_status);
    let Some((name, _)) = known.first() else {
        findings.add(
            AREA,
            format!("neither {address} nor {domain} is verified in SES: no e-mail goes out"),
            format!("aws sesv2 create-email-identity --email-identity {domain}"),
        );
        return;
    };
    let signed = known.iter().any(|(_, identity)| {
        identity
            .dkim_attributes
            .as_ref()
            .is_some_and(|dkim| dkim.signing_enabled && dkim.status == Some(DkimStatus::Success))
    });
    if !signed {
        findings.add(
            AREA,
            format!("no DKIM key signs the e-mails of {name}: they end among spam"),
            format!(
                "aws sesv2 put-email-identity-dkim-attributes --email-identity {name} --signing-enabled"
            ),
        );
    }
}
