//! `import --clients`: takes the clients of another system over.
//!
//! [`auth0_client`] and [`openiddict`] read a row, [`run`] brings the clients into
//! the table, [`grants`] keeps the grants that there are here.

pub mod auth0_client;
pub mod grants;
pub mod openiddict;
pub mod run;
