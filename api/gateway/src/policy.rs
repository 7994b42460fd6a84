//! What a route takes, as far as it can be said at the door. The services ask again, and know the record; here a
//! request that no service would answer goes no further.

use axum::http::Method;
use looma_kernel::types::Permission;
use std::collections::HashMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../permissions.txt");

/// What has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing, or what only the service can check.
    Nothing,
    /// Somebody, whoever it is.
    Somebody,
    Permission(Permission),
}

impl Need {
    fn read(word: &str) -> Option<Self> {
        match word {
            "public" => Some(Self::Nothing),
            "signed-in" => Some(Self::Somebody),
            permission => permission.parse().ok().map(Self::Permission),
        }
    }
}

/// One line of the text.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    method: Method,
    path: &'static str,
    need: Need,
}

impl Line {
    fn read(text: &'static str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let line = Self { method: words.next()?.parse().ok()?, path: words.next()?, need: Need::read(words.next()?)? };
        words.next().is_none().then_some(line)
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

static NEEDS: LazyLock<HashMap<Method, matchit::Router<Need>>> = LazyLock::new(|| {
    let mut needs: HashMap<Method, matchit::Router<Need>> = HashMap::new();
    for line in lines().filter_map(Line::read) {
        if let Err(error) = needs.entry(line.method).or_default().insert(line.path, line.need) {
            tracing::error!(path = line.path, %error, "a route that cannot be told from another");
        }
    }
    needs
});

/// What a request takes; none where no service has such a route, which the service itself says best.
pub(crate) fn need(method: &Method, path: &str) -> Option<Need> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    // As the services see it: they take a slash at the end for none.
    let path = path.strip_suffix('/').unwrap_or(path);
    NEEDS.get(method)?.at(path).ok().map(|found| *found.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::target;

    #[test]
    fn every_line_is_understood_and_found() {
        for text in lines() {
            let line = Line::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(need(&line.method, &line.path.replace(['{', '}'], "")), Some(line.need), "{text}");
        }
    }

    #[test]
    fn what_is_public_is_what_the_table_lets_through() {
        for line in lines().filter_map(Line::read).filter(|line| !line.path.starts_with("/gateway")) {
            assert_eq!(line.need == Need::Nothing, target(line.path).unwrap().public, "{}", line.path);
        }
    }

    #[test]
    fn methods_and_words_are_told_apart() {
        let jobs = "/api/v1/jobs";
        assert_eq!(need(&Method::HEAD, jobs), Some(Need::Permission(Permission::ReadJobs)));
        assert_eq!(need(&Method::POST, "/api/v1/jobs/"), Some(Need::Permission(Permission::WriteJobs)));
        assert_eq!(need(&Method::DELETE, jobs), None);
        assert_eq!(need(&Method::GET, "/api/v1/users/me/sessions"), Some(Need::Permission(Permission::ReadOwnUser)));
        for wrong in ["GET /x", "GET /x nobody:knows", "GET /x public more"] {
            assert_eq!(Line::read(wrong), None);
        }
    }
}
