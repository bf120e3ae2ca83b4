//! The alarms: whether somebody hears of them.

use aws_config::SdkConfig;

use crate::upkeep::alarm_settings::AlarmSettings;
use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "alarms";

pub(super) async fn look(settings: &AlarmSettings, aws: &SdkConfig, findings: &mut Diagnosis) {
    findings.checked(AREA);
    if settings.topics.is_empty() {
        findings.add(
            AREA,
            "the alarms have no topic: nobody hears of them",
            "sam deploy --parameter-overrides AlarmEmail=operator@example.com",
        );
    }
    let client = aws_sdk_sns::Client::new(aws);
    for topic in &settings.topics {
        let asked = client.list_subscriptions_by_topic().topic_arn(topic);
        match asked.send().await {
            Err(error) => findings.unanswered(AREA, &format!("who hears of {topic}"), &error),
            Ok(answer) => {
                let confirmed = answer.subscriptions().iter().any(|one| {
                    let arn = one.subscription_arn.as_deref();
                    arn.is_some_and(|arn| arn.starts_with("arn:"))
                });
                if !confirmed {
                    let email = settings.email.as_deref();
                    findings.add(
                        AREA,
                        format!("nobody has confirmed a subscription of {topic}: nobody hears of the alarms"),
                        format!(
                            "aws sns subscribe --topic-arn {topic} --protocol email \
                             --notification-endpoint {}",
                            email.unwrap_or("operator@example.com")
                        ),
                    );
                }
            }
        }
    }
}
