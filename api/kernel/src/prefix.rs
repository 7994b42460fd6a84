//! Prefixes of paths: whole segments each, `{…}` standing for any one segment, such as `/api/v1/people/{id}/skills`.

/// Whether `path` begins with all segments of `prefix`.
pub fn leads(prefix: &str, path: &str) -> bool {
    if !prefix.contains('{') {
        return path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    }
    let mut segments = path.split('/');
    prefix.split('/').all(|wanted| segments.next().is_some_and(|segment| wanted == segment || (is_any(wanted) && !segment.is_empty())))
}

/// Whether a text is such a prefix.
pub fn is_prefix(text: &str) -> bool {
    let plain = |segment: &str| segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let segment = |segment: &str| !segment.is_empty() && (plain(segment) || (is_any(segment) && plain(&segment[1..segment.len() - 1])));
    text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment))
}

fn is_any(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_whole_segments() {
        for (prefix, path, expected) in [
            ("/api/v1/jobs", "/api/v1/jobs", true),
            ("/api/v1/jobs", "/api/v1/jobs/7", true),
            ("/api/v1/jobs", "/api/v1/jobsecrets", false),
            ("/api/v1/jobs", "/api/v1", false),
            ("/api/v1/people/{id}/skills", "/api/v1/people/7/skills/8", true),
            ("/api/v1/people/{id}/skills", "/api/v1/people//skills", false),
            ("/api/v1/people/{id}/skills", "/api/v1/people/7", false),
        ] {
            assert_eq!(leads(prefix, path), expected, "{prefix} {path}");
        }
    }

    #[test]
    fn what_is_no_prefix_is_known() {
        for (text, expected) in [
            ("/m/v1", true),
            ("/.well-known", true),
            ("/api/v1/people/{id}/skills", true),
            ("/", false),
            ("", false),
            ("api/v1", false),
            ("/api/v1/", false),
            ("/api//v1", false),
            ("/api/v1?x", false),
            ("/api/{id", false),
            ("/api/{", false),
            ("/api/{a{b}}", false),
        ] {
            assert_eq!(is_prefix(text), expected, "{text}");
        }
    }
}
