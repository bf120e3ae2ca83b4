//! The KMS key that wraps the data keys.

use aws_config::SdkConfig;
use aws_sdk_kms::types::KeyState;
use countersign::app::App;

use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "KMS key";

pub(super) async fn look(app: &App, aws: &SdkConfig, findings: &mut Diagnosis) {
    findings.checked(AREA);
    let key = &app.config.kms_key;
    let client = aws_sdk_kms::Client::new(aws);
    match client.describe_key().key_id(key).send().await {
        Err(error) => findings.unanswered(AREA, "the key's state", &error),
        Ok(described) => {
            let state = described.key_metadata.and_then(|key| key.key_state);
            match state {
                Some(KeyState::Enabled) => {}
                Some(KeyState::PendingDeletion) => findings.add(
                    AREA,
                    "the key will be deleted, and every code, seed and signing key with it",
                    format!(
                        "aws kms cancel-key-deletion --key-id {key} && aws kms enable-key --key-id {key}"
                    ),
                ),
                other => findings.add(
                    AREA,
                    format!(
                        "the key is not enabled, but {}",
                        other.map_or("unknown".to_owned(), |state| state.as_str().to_owned())
                    ),
                    format!("aws kms enable-key --key-id {key}"),
                ),
            }
        }
    }
    // The tool opens the data keys of seeds, as the functions do.
    if let Err(broken) = app.keyring.current_ring(app.clock.now()).await {
        findings.needs_role(AREA, format!("the data keys do not open: {broken}"));
    }
}
