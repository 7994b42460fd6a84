//! The pages, one file each.

pub mod audit;
pub mod backups;
pub mod config;
pub mod logs;
pub mod overview;
pub mod projections;
pub mod services;
pub mod users;
