//! The Rust sources whose classes the style sheet serves, and the class names in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A source file and its text.
pub struct Source {
    pub path: PathBuf,
    pub text: String,
}

/// Every `.rs` file under `app/`, in a stable order.
/// # Errors
/// When a folder or file cannot be read.
pub fn read() -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    // Asked when it runs: what another checkout compiled into a shared target folder would look into that one.
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    collect(&Path::new(&here).join("../app"), &mut sources)?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn collect(folder: &Path, into: &mut Vec<Source>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(Source { text: std::fs::read_to_string(&path)?, path });
        }
    }
    Ok(())
}

/// The classes a source names: in `class="…"`, `class:name`, and in every string that `class!("…")` or a
/// `class=` expression on the same line holds.
pub fn classes(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("class") {
        let before = text[..at].chars().next_back();
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') || line.trim_start().starts_with("//") {
            continue;
        }
        let rest = &text[at + "class".len()..];
        if let Some(name) = rest.strip_prefix(':') {
            found.extend(name.split(|c: char| !(c.is_alphanumeric() || "-_".contains(c))).next().map(str::to_owned));
        } else if rest.starts_with('=') || rest.starts_with("!(") {
            let quoted = if let Some(value) = rest.strip_prefix("=\"") {
                vec![value.split('"').next().unwrap_or_default()]
            } else {
                expression(rest.lines().next().unwrap_or_default()).split('"').skip(1).step_by(2).collect()
            };
            found.extend(quoted.iter().flat_map(|value| value.split_whitespace()).map(str::to_owned));
        }
    }
    found.retain(|class| !class.is_empty() && !class.contains(['{', '}', '/', '=']));
    found
}

/// What stands on this line before the next attribute, or before the end of a macro call.
fn expression(line: &str) -> &str {
    if line.starts_with("!(") {
        return line.split(')').next().unwrap_or_default();
    }
    let attribute = |at: usize| {
        let word = line[at + 1..].split('=').next().unwrap_or_default();
        let after = &line.as_bytes()[at + 1 + word.len()..];
        !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_lowercase() || b"-:_".contains(&b))
            && after.first() == Some(&b'=')
            && after.get(1).is_some_and(|b| !b" =".contains(b))
    };
    let end = line.match_indices(' ').map(|(at, _)| at).find(|at| attribute(*at));
    &line[..end.unwrap_or(line.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_found_in_every_spelling() {
        let text = r#"<p class="a b-2"> <i class:is-on=open class=move || if x { "c" } else { "d e" } role="status">
            // class!("no")
            subclass="no" class!("f") + "no""#;
        let found: Vec<_> = classes(text).into_iter().collect();
        assert_eq!(found, ["a", "b-2", "c", "d", "e", "f", "is-on"]);
    }
}
