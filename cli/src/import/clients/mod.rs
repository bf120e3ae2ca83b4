//! `import --clients`: imports the clients of another system.
//!
//! [`auth0_client`] and [`openiddict`] read a row, [`run`] stores the clients, and
//! [`grants`] holds what both readers share.

pub mod auth0_client;
pub mod grants;
pub mod openiddict;
pub mod run;
