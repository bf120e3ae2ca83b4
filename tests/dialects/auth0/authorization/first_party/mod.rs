//! Apps of the operator's own, which sign in without a browser and get an authorization
//! code (draft-ietf-oauth-first-party-apps-04).

pub mod app;
mod browser;
mod draft;
pub mod messages;
mod named_key;
mod passkey_step;
mod step_up;
mod steps;
mod walk;
