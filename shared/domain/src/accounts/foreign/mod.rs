//! Password hashes that other systems made. Each verifies as it is, and becomes
//! argon2id at the first right login.

mod bcrypt;
pub mod digest;
pub mod firebase;
pub mod hash;
pub mod parts;
pub mod pbkdf2;
pub mod scrypt;
pub mod wrapped;

#[cfg(test)]
mod tests;
