//! How many requests to DynamoDB each call makes.

pub mod accounts;
pub mod aidbox;
pub mod auth0_accounts;
pub mod auth0_browser;
pub mod codemaze;
pub mod dpop;
pub mod enrolment;
pub mod hot_partitions;
pub mod introspection;
pub mod login;
pub mod machines;
pub mod my_account;
pub mod pages;
pub mod passkeys;
pub mod reads_and_times;
