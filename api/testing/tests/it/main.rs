//! Request tests: one binary, a module a subject.

mod access;
mod bulk;
mod companies;
mod contract;
mod demo;
mod forgotten;
mod forms;
mod jobs;
mod main_job;
mod models;
mod projects;
mod search;
mod skills;
mod sorted;
mod wrong_input;
