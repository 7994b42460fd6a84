//! `looma`: the command line.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match looma::command::run(looma::command::Looma::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("looma: {error:#}");
            ExitCode::FAILURE
        }
    }
}
