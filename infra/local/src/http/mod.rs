//! The HTTP routes that only the local service has.

pub mod api_page;
pub mod cors;
pub mod event_routes;
pub mod fault_routes;
pub mod inbox_routes;
pub mod local_routes;

pub mod operate_routes;
pub(crate) mod own_host;
pub(crate) mod qr;
pub mod servers;
pub mod settings_routes;
pub mod state_routes;
