//! The time of this machine, compared with the time of AWS.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use countersign::app::App;
use countersign::domain::Timestamp;

use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "clock";

/// How wrong the clock may be, in seconds.
const MOST: i64 = 60;

pub(super) fn look(app: &App, aws: Option<Timestamp>, findings: &mut Diagnosis) {
    let Some(aws) = aws else {
        return;
    };
    findings.checked(AREA);
    let ahead = app.clock.now() - aws;
    if ahead.abs() > MOST {
        let way = if ahead > 0 { "ahead of" } else { "behind" };
        findings.add(
            AREA,
            format!(
                "the clock of this machine is {} seconds {way} AWS",
                ahead.abs()
            ),
            "timedatectl set-ntp true",
        );
    }
}

/// The hook in the SDK that notes when AWS answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Dated(Arc<Mutex<Option<Timestamp>>>);

impl Dated {
    /// The time of the newest answer.
    pub fn seen(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Dated {
    fn name(&self) -> &'static str {
        "Dated"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|text| DateTime::from_str(text, Format::HttpDate).ok());
        if let Some(date) = date {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(date.secs());
        }
        Ok(())
    }
}
