//! What is deployed: the template, the events, the policies, the settings, and `cargo local`.

pub mod alarms;
pub mod answers;
pub mod bootstrap;
pub mod bootstrap_settings;
pub mod custom_resource;
pub mod edge;
pub mod events;
pub mod guided;
pub mod local;
pub mod metrics;
pub mod openapi;
pub mod parameters;
pub mod policies;
pub mod template;
pub mod template_parts;
pub mod watch;
