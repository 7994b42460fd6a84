//! The real binary from outside: alone, on real engines, and several of it at once.

mod archive;
mod copies;
mod durability;
mod engines;
mod ports;
#[cfg(unix)]
mod processes;
mod proxy;
mod ready;
mod running;
