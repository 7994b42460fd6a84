//! Puts the style sheet together: tokens, base styles, then utilities, so that a utility wins.

use crate::sources::{self, Source};
use crate::tokens;
use encre_css::{Config, Preflight};
use std::collections::BTreeSet;

/// The hand-written styles, in the order they apply.
const BASE: &[&str] = &[
    include_str!("../css/base.css"),
    include_str!("../css/frame.css"),
    include_str!("../css/controls.css"),
    include_str!("../css/records.css"),
    include_str!("../css/floating.css"),
    include_str!("../css/drawings.css"),
];

/// The whole style sheet for these sources, comments and needless space taken out.
pub fn generate(sources: &[Source]) -> String {
    let used: BTreeSet<String> = sources.iter().flat_map(|source| sources::classes(&source.text)).collect();
    let own = own_classes();
    let utilities = encre_css::generate(used.difference(&own).map(String::as_str), &config());
    let mut css = tokens::css();
    for part in BASE {
        css.push_str(&compact(part));
    }
    css.push_str(&compact(&utilities));
    css
}

/// Whether `class` is styled: by hand, or by a utility.
pub fn is_styled(class: &str) -> bool {
    own_classes().contains(class) || !encre_css::generate([class], &config()).trim().is_empty()
}

/// The classes that the hand-written styles name.
fn own_classes() -> BTreeSet<String> {
    let mut classes = BTreeSet::new();
    for css in BASE {
        for (at, _) in css.match_indices('.') {
            let name: String = css[at + 1..].chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
            if name.starts_with(|c: char| c.is_alphabetic()) {
                classes.insert(name);
            }
        }
    }
    classes
}

fn config() -> Config {
    let mut config = Config::default();
    config.preflight = Preflight::new_none();
    for token in tokens::TOKENS.iter().chain(tokens::WEB_ACCENT) {
        config.theme.colors.add(token.name, format!("var(--{})", token.name));
    }
    config
}

/// Takes comments, line breaks and indentation out; leaves what stands within a line alone.
fn compact(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((code, comment)) = rest.split_once("/*") {
        out.push_str(code);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let mut tight = String::with_capacity(out.len());
    for line in out.lines().map(str::trim).filter(|line| !line.is_empty()) {
        // A value or selector that goes on in the next line needs its space; after `{`, `;`, `,` and `}` nothing does.
        tight.push_str(line);
        if !line.ends_with(['{', '}', ';', ',']) {
            tight.push(' ');
        }
    }
    tight.replace(": ", ":").replace(" {", "{").replace("; ", ";").replace(";}", "}")
}
