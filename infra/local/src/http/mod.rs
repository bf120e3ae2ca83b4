//! What the local service answers over HTTP beside the routes of the service itself.

pub mod api_page;
pub mod cors;
pub mod inbox_routes;
pub mod local_routes;
pub(crate) mod loopback;
pub(crate) mod qr;
pub mod servers;
