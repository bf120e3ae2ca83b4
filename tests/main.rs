//! The tests of the whole service: one binary. Each test states a behaviour as
//! a sentence, on the real store (embedded), the real AWS clients over HTTP
//! and the real router.
//!
//! `COUNTERSIGN_TEST_DYNAMODB` names another DynamoDB endpoint to run on.

// Clippy lets tests unwrap, but takes what they share for production code.
#![allow(clippy::unwrap_used, clippy::panic)]

mod harness;

mod abp_account;
mod abp_login;
mod abp_passwords;
mod abp_refusals;
mod abp_strangers;
mod account_attacks;
mod account_enumeration;
mod account_findings;
mod account_second_factor;
mod aspnet_login;
mod auth0_authenticators;
mod auth0_login;
mod auth0_malformed;
mod auth0_requests;
mod auth0_tokens;
mod bootstrap;
mod bootstrap_settings;
mod budgets;
mod budgets_account;
mod budgets_enroll;
mod codes;
mod deployment;
mod discovery;
mod enroll;
mod enroll_abp;
mod enroll_attacks;
mod enroll_limits;
mod enroll_races;
mod enroll_refusals;
mod events;
mod events_abp;
mod events_account;
mod events_enroll;
mod events_malformed;
mod faults;
mod faults_lost_answers;
mod faults_sends;
mod keep_keys;
mod key_purposes;
mod keys;
mod keys_at_rest;
mod local;
mod lockout;
mod lockout_codes;
mod log_lines;
mod offer;
mod openapi;
mod policies;
mod policies_accounts;
mod policies_conditions;
mod policies_stories;
mod races;
mod races_actions;
mod races_budgets;
mod races_keys_and_sessions;
mod refusals;
mod revoke;
mod send_quotas;
mod sends;
mod sessions;
mod store;
mod store_actions;
mod store_budgets;
mod store_login;
mod store_sends;
mod store_session;
mod template;
mod template_parts;
mod tidy;
mod tidy_binaries;
mod tidy_papers;
mod unknown_names;
mod userinfo;
mod verify;
mod watch;
