//! Request tests: one binary, a module a subject.

mod access;
mod companies;
mod contract;
mod demo;
mod forms;
mod jobs;
mod main_job;
mod models;
mod search;
mod skills;
mod wrong_input;
