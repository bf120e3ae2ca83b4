//! Who pays for a message: an owner and strangers send to the same address at once, and
//! mails fail.
//!
//! The store charges a bill in one transaction, which tries other forms of its charges
//! when it is refused. The model takes that transaction as one step: every payer is
//! charged, or none.

mod charges;
mod mailbox;
mod stored;
