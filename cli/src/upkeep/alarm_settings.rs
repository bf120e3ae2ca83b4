//! Who hears of the alarms of a deployment.

/// The receivers of the alarms.
#[derive(Clone, Debug, Default)]
pub struct AlarmSettings {
    /// The topics that the alarms go to.
    pub topics: Vec<String>,
    /// The address that the stack has subscribed.
    pub email: Option<String>,
}
