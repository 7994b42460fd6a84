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
mod matrix;
mod models;
mod projects;
mod search;
mod skills;
mod sorted;
mod token_attacks;
mod wrong_input;
