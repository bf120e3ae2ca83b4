//! The table: what cleans up, what brings it back, what keeps it.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{
    AttributeValue, PointInTimeRecoveryStatus, TableStatus, TimeToLiveStatus,
};
use countersign::app::App;
use countersign::store::TTL_ATTRIBUTE;

use crate::problem::Problem;
use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "table";

/// A time in seconds is smaller until the year 5138; a time in milliseconds is
/// larger since 1973.
const MILLISECONDS: i64 = 100_000_000_000;

pub(super) async fn look(
    app: &App,
    aws: &SdkConfig,
    findings: &mut Diagnosis,
) -> Result<(), Problem> {
    findings.checked(AREA);
    let client = aws_sdk_dynamodb::Client::new(aws);
    let table = app.store.table();
    match client.describe_table().table_name(table).send().await {
        Err(error) => findings.unanswered(AREA, "the table's state", &error),
        Ok(described) => {
            let described = described.table.as_ref();
            let status = described.and_then(|table| table.table_status.as_ref());
            let protected = described.and_then(|table| table.deletion_protection_enabled);
            if status != Some(&TableStatus::Active) {
                let status = status.map_or("unknown", TableStatus::as_str);
                findings.add(
                    AREA,
                    format!("the table is not active, but {status}"),
                    format!("aws dynamodb wait table-exists --table-name {table}"),
                );
            }
            if protected != Some(true) {
                findings.add(
                    AREA,
                    "nothing protects the table from being deleted",
                    format!(
                        "aws dynamodb update-table --table-name {table} --deletion-protection-enabled"
                    ),
                );
            }
        }
    }
    let backups = client.describe_continuous_backups().table_name(table);
    match backups.send().await {
        Err(error) => findings.unanswered(AREA, "point-in-time recovery", &error),
        Ok(backups) => {
            let backups = backups.continuous_backups_description;
            let status = backups.and_then(|backups| backups.point_in_time_recovery_description);
            let status = status.and_then(|recovery| recovery.point_in_time_recovery_status);
            if status != Some(PointInTimeRecoveryStatus::Enabled) {
                findings.add(
                    AREA,
                    "point-in-time recovery is off: a lost item stays lost",
                    format!(
                        "aws dynamodb update-continuous-backups --table-name {table} \
                         --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
                    ),
                );
            }
        }
    }
    let cleaned = client.describe_time_to_live().table_name(table);
    match cleaned.send().await {
        Err(error) => findings.unanswered(AREA, "the time to live", &error),
        Ok(cleaned) => {
            let cleaned = cleaned.time_to_live_description;
            let on = cleaned.is_some_and(|cleaned| {
                cleaned.attribute_name.as_deref() == Some(TTL_ATTRIBUTE)
                    && matches!(
                        cleaned.time_to_live_status,
                        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
                    )
            });
            if !on {
                findings.add(
                    AREA,
                    format!("the attribute {TTL_ATTRIBUTE} is not the table's time to live: nothing cleans up"),
                    format!(
                        "aws dynamodb update-time-to-live --table-name {table} \
                         --time-to-live-specification Enabled=true,AttributeName={TTL_ATTRIBUTE}"
                    ),
                );
            }
        }
    }
    seconds(app, findings).await
}

/// Looks at every page of the table: an item of an older version may stand on any.
async fn seconds(app: &App, findings: &mut Diagnosis) -> Result<(), Problem> {
    let scan = app.store.dynamodb().scan();
    let mut pages = scan
        .table_name(app.store.table())
        .filter_expression("#ttl > :milliseconds")
        .expression_attribute_names("#ttl", TTL_ATTRIBUTE)
        .expression_attribute_values(":milliseconds", AttributeValue::N(MILLISECONDS.to_string()))
        .projection_expression("PK")
        .into_paginator()
        .send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        match page {
            Err(error) => {
                findings.unanswered(AREA, "the unit of the time to live", &error);
                break;
            }
            Ok(page) => count += page.count,
        }
    }
    if count > 0 {
        let table = app.store.table();
        findings.add(
            AREA,
            format!(
                "{count} item(s) have a {TTL_ATTRIBUTE} that is not in seconds: nothing cleans them up"
            ),
            seconds_from_milliseconds(table),
        );
    }
    Ok(())
}

/// The command that divides each time to live in milliseconds by a thousand. Two operators may
/// run the command at the same time: an item that is right already stays as it is.
fn seconds_from_milliseconds(table: &str) -> String {
    format!(
        r##"aws dynamodb scan --table-name {table} --output json --projection-expression 'PK,SK,#t' --filter-expression '#t > :t' --expression-attribute-names '{{"#t":"{TTL_ATTRIBUTE}"}}' --expression-attribute-values '{{":t":{{"N":"{MILLISECONDS}"}}}}' | jq -r '.Items[] | @sh "aws dynamodb update-item --table-name {table} --key \({{PK,SK}}|tojson) --update-expression \("SET #t = :s") --condition-expression \("#t = :m") --expression-attribute-names \({{"#t":"{TTL_ATTRIBUTE}"}}|tojson) --expression-attribute-values \({{":m":.{TTL_ATTRIBUTE},":s":{{"N":(.{TTL_ATTRIBUTE}.N|tonumber/1000|floor|tostring)}}}}|tojson)"' | sh"##
    )
}
