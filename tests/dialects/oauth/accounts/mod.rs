//! What `/userinfo` tells of a user.

pub mod userinfo;
