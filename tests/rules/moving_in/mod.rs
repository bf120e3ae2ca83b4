//! Users who move in from a former system as they sign in.

pub mod former;
mod login;
mod no_answer;
mod not_let_in;
mod subject;
mod without_password;
