//! Two pending logins of one user, and the budget of guesses: the requests of the
//! second step, in every order.

mod properties;
mod request;
mod requests;
mod stored;

pub use stored::user;
