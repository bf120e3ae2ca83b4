//! What the operators' tool does, over the real store and the real router.

mod clients;
mod destinations;
mod process;
mod users;
