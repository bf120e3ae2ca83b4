//! Users who move in from a former system as they sign in.

pub mod former;
mod login;
mod no_answer;
mod refused_users;
mod subject;
mod without_password;
