//! Countersign on one machine: what AWS gives the service elsewhere, answered on the loopback interface.
//!
//! The service's own code runs unchanged. Its AWS clients talk to an embedded DynamoDB
//! ([`database`]) and to stand-ins for KMS, SES and SNS ([`stand_in`]); its time comes from
//! a clock that can be moved forward ([`clock`]). Nothing here is part of a Lambda function.

pub mod certificate;
pub mod clock;
pub mod data;
pub mod defaults;
pub mod demo;
pub mod http;
pub mod options;
pub mod page;
pub mod problem;
pub mod seed;
pub mod service;
pub mod settings;
pub mod stand_in;
pub mod stop_signal;
pub mod storage;
