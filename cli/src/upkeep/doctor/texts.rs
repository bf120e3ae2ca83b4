//! SNS: whether text messages reach everybody, and for how much money.

use aws_config::SdkConfig;
use countersign::app::App;

use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "text messages";

/// What an account may spend in a month unless somebody has raised the limit, in
/// US dollars.
const UNRAISED: f64 = 1.0;

pub(super) async fn look(app: &App, aws: &SdkConfig, findings: &mut Diagnosis) {
    // Without countries, the service sends no text message.
    if app.config.offer.sms_countries.is_empty() {
        return;
    }
    findings.checked(AREA);
    let client = aws_sdk_sns::Client::new(aws);
    match client.get_sms_sandbox_account_status().send().await {
        Err(error) => findings.unanswered(AREA, "the sandbox", &error),
        Ok(status) if status.is_in_sandbox => findings.add(
            AREA,
            "the account is in SNS's sandbox: only verified numbers get text messages. The SNS \
             console has the form that ends the sandbox; until then, verify a number",
            "aws sns create-sms-sandbox-phone-number --phone-number +15555550100",
        ),
        Ok(_) => {}
    }
    match client.get_sms_attributes().send().await {
        Err(error) => findings.unanswered(AREA, "the spend limit", &error),
        Ok(attributes) => {
            let attributes = attributes.attributes.unwrap_or_default();
            let limit = attributes.get("MonthlySpendLimit");
            let limit = limit.and_then(|limit| limit.parse::<f64>().ok());
            let limit = limit.unwrap_or(UNRAISED);
            if limit <= UNRAISED {
                findings.add(
                    AREA,
                    format!(
                        "the account may spend {limit} US dollar(s) a month: then SNS sends no \
                         text message, and tells nobody. AWS has to raise the quota of the \
                         account first: the SNS console has the form"
                    ),
                    "aws sns set-sms-attributes --attributes MonthlySpendLimit=50",
                );
            }
        }
    }
}
