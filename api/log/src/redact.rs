//! The last guard against secrets in the log: services do not write them, and what slips through is blacked out.

use looma_kernel::types::log::LogLine;
use regex::Regex;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::LazyLock;

const BLACK: &str = "[redacted]";

/// Fields that hold secrets whatever their value looks like.
const NAMES: [&str; 7] = ["password", "secret", "token", "authorization", "cookie", "api_key", "apikey"];

/// Bearer tokens, JSON Web Tokens, passwords in URLs.
static SECRET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bbearer\s+[\w.~+/=-]{8,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?-i)://[^/\s:@]+:[^/\s@]+@").ok());

/// The line without secrets.
pub(crate) fn redact(line: &LogLine) -> Cow<'_, LogLine> {
    let clean = text(&line.message).is_none() && line.fields.iter().all(|(name, value)| field(name, value).is_none());
    if clean {
        return Cow::Borrowed(line);
    }
    let mut line = line.clone();
    if let Some(message) = text(&line.message) {
        line.message = message;
    }
    for (name, value) in &mut line.fields {
        if let Some(black) = field(name, value) {
            *value = black;
        }
    }
    Cow::Owned(line)
}

fn field(name: &str, value: &Value) -> Option<Value> {
    let name = name.to_ascii_lowercase();
    if NAMES.iter().any(|secret| name == *secret || name.ends_with(&format!("_{secret}"))) {
        return (value.as_str() != Some(BLACK)).then(|| BLACK.into());
    }
    text(value.as_str()?).map(Value::from)
}

/// The text without secrets, where it had any.
fn text(text: &str) -> Option<String> {
    match SECRET.as_ref()?.replace_all(text, BLACK) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::now;

    fn line(message: &str, fields: &[(&str, &str)]) -> LogLine {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        LogLine { seq: 1, at: now(), level: "INFO".into(), target: "test".into(), message: message.into(), fields }
    }

    #[test]
    fn secrets_are_blacked_out_wherever_they_are() {
        let jwt = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
        let line = line(
            &format!("sent Authorization: Bearer {jwt} to them"),
            &[
                ("refresh_token", "abc"),
                ("password", "p"),
                ("detail", jwt),
                ("url", "postgres://ann:hunter2@db/looma"),
                ("path", "/api/v1/people"),
            ],
        );
        let text = serde_json::to_string(&redact(&line)).unwrap();
        for secret in [jwt, "abc", "\"p\"", "hunter2"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(text.contains("/api/v1/people"));
    }

    #[test]
    fn a_clean_line_stays_as_it_is() {
        let line = line("a company was made", &[("tokens_per_second", "7")]);
        assert!(matches!(redact(&line), Cow::Borrowed(_)));
    }
}
