//! The Prometheus text format (version 0.0.4), as far as samples go:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>.

/// One line: `name{label="value",…} 12.5`.
#[derive(Debug, PartialEq)]
pub(crate) struct Sample<'a> {
    pub name: &'a str,
    labels: Vec<(&'a str, String)>,
    pub value: f64,
}

impl Sample<'_> {
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| *label == name).map(|(_, value)| value.as_str())
    }
}

/// All samples of a text; comments and lines that are none are passed over.
pub(crate) fn samples(text: &str) -> impl Iterator<Item = Sample<'_>> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(sample)
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let end = line.find(['{', ' ', '\t'])?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = Vec::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner.trim_start();
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once('=')?;
            let (value, after) = quoted(after.trim_start())?;
            labels.push((label.trim(), value));
            rest = after.trim_start().trim_start_matches(',').trim_start();
        }
        rest = &rest[1..];
    }
    let value = rest.split_ascii_whitespace().next()?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        number => number.parse().ok()?,
    };
    (!name.is_empty()).then_some(Sample { name, labels, value })
}

/// A quoted value with its escapes undone, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_with_labels_escapes_and_infinity() {
        let text = "# TYPE http_requests_total counter\n\
            http_requests_total{service=\"job\",route=\"/a/{id}\",status=\"200\"} 12\n\
            up 1 1700000000\n\
            odd{ path = \"C:\\\\x\\\"}\" , b=\"\\n\"} -0.5\n\
            bucket{le=\"+Inf\"} +Inf\n\
            broken{le=\"1} 3\n\n\
            nothing\n";
        let found: Vec<_> = samples(text).collect();
        assert_eq!(
            found.iter().map(|s| (s.name, s.value)).collect::<Vec<_>>(),
            [("http_requests_total", 12.0), ("up", 1.0), ("odd", -0.5), ("bucket", f64::INFINITY)]
        );
        assert_eq!(found[0].label("route"), Some("/a/{id}"));
        assert_eq!(found[2].label("path"), Some("C:\\x\"}"));
        assert_eq!(found[2].label("b"), Some("\n"));
    }
}
