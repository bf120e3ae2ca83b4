//! Runs Countersign on one machine. Stand-ins on the loopback interface answer the
//! calls to AWS.
//!
//! The service's own code runs unchanged. Its AWS clients talk to an embedded DynamoDB
//! ([`database`]) and to stand-ins for KMS, SES and SNS ([`stand_in`]). Its time comes
//! from a clock that can be moved forward ([`clock`]). No Lambda function contains any
//! code of this crate.

pub mod certificate;
pub mod clock;
pub mod data;
pub mod defaults;
pub mod demo;
pub mod faults;
pub mod http;
pub mod network;
pub mod options;
pub mod page;
pub mod problem;
pub mod seed;
pub mod service;
pub mod settings;
pub mod stand_in;
pub mod stop_signal;
pub mod storage;
pub mod terminal;
