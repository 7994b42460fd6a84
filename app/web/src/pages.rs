//! The pages, one file each.

pub mod dashboard;
pub mod imports;
pub mod paths;
pub mod people;
pub mod person;
pub mod search;
