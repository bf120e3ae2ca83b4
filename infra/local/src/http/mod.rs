//! The HTTP routes that only the local service has.

pub mod api_page;
pub mod cors;
pub mod inbox_routes;
pub mod local_routes;
pub(crate) mod loopback;
pub(crate) mod qr;
pub mod servers;
