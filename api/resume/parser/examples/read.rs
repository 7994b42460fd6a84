//! Prints what the parser reads in a file: `cargo run -p looma-resume-parser --example read -- FILE`.

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: read FILE [--text]");
        std::process::exit(2);
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}");
            std::process::exit(1);
        }
    };
    match looma_resume_parser::parse(&path, &bytes) {
        Ok(parsed) if std::env::args().any(|arg| arg == "--text") => println!("{}", parsed.text),
        Ok(parsed) => match serde_json::to_string_pretty(&parsed.content) {
            Ok(text) => println!("{text}"),
            Err(error) => eprintln!("{error}"),
        },
        Err(problem) => {
            eprintln!("{:?}: {problem}", problem.code);
            std::process::exit(1);
        }
    }
}
