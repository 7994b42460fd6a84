//! The style sheet against the sources it serves.

use looma_style::{sheet, sources};

#[test]
fn every_class_in_the_sources_is_styled() {
    let mut bare = Vec::new();
    for source in sources::read().unwrap() {
        for class in sources::classes(&source.text) {
            if !sheet::is_styled(&class) {
                bare.push(format!("{}: {class}", source.path.display()));
            }
        }
    }
    assert!(bare.is_empty(), "classes without a style:\n{}", bare.join("\n"));
}

#[test]
fn no_source_sets_inline_styles_which_the_content_security_policy_forbids() {
    for source in sources::read().unwrap() {
        for (number, line) in source.text.lines().enumerate() {
            let code = line.trim_start();
            let inline = !code.starts_with("//")
                && (code.contains(" style=") || code.starts_with("style=") || (code.contains('<') && code.contains(" style:")));
            assert!(!inline, "{}:{}: {code}", source.path.display(), number + 1);
        }
    }
}

#[test]
fn the_style_sheet_stays_in_its_budget_and_is_whole() {
    let css = sheet::generate(&sources::read().unwrap());
    assert_eq!(css.matches('{').count(), css.matches('}').count());
    let packed = looma_style::pack::brotli(css.as_bytes()).unwrap();
    assert!(css.len() <= 64 * 1024 && packed.len() <= 30 * 1024, "{} bytes, {} packed", css.len(), packed.len());
}
