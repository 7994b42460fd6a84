//! The pages, one file each.

pub mod companies;
pub mod company;
pub mod dashboard;
pub mod imports;
pub mod job;
pub mod jobs;
pub mod oauth;
pub mod paths;
pub mod people;
pub mod person;
pub mod project;
pub mod projects;
pub mod search;
pub mod settings;
pub mod skills;
