//! The one binary: it puts the services together, serves them, and works on them from the command line.
//!
//! `command` reads the command line, `system` builds and serves, `launcher` runs every service as a process of its own, `host` renders the two front ends, `operations`,
//! `verify` and `demo` work on a whole system.

pub mod command;
pub mod demo;
pub mod host;
pub mod instance;
pub mod launcher;
pub mod operations;
pub mod system;
pub mod verify;

pub use system::System;
