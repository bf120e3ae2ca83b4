//! Who waits after wrong passwords and codes, and who does not.

pub mod abp;
pub mod aidbox;
pub mod codemaze;
pub mod codes;
pub mod codes_reopened;
pub mod freed_names;
pub mod known_networks;
pub mod networks;
pub mod passwords;
pub mod right_passwords;
