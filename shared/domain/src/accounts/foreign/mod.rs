//! Password hashes from other systems. They are verified unchanged, and replaced by
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
