//! Language and colour scheme: kept in cookies, so that the server renders the right ones at once.

use crate::words::Locale;
use leptos::prelude::*;

/// The cookie with the language, `zh` or `en`.
pub const LOCALE_COOKIE: &str = "looma_lang";
/// The cookie with the colour scheme, `light` or `dark`; absent to follow the system.
pub const THEME_COOKIE: &str = "looma_theme";

/// The colour scheme a reader chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The word in the cookie and in `data-theme`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn of_word(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// What a reader prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    pub locale: Locale,
    pub theme: Theme,
}

impl Preferences {
    /// From a request's `Cookie` and `Accept-Language` headers.
    pub fn of_headers(cookies: &str, languages: &str) -> Self {
        let chosen = cookie(cookies, LOCALE_COOKIE).and_then(Locale::of_tag);
        Self {
            locale: chosen.or_else(|| languages.split(',').find_map(Locale::of_tag)).unwrap_or_default(),
            theme: cookie(cookies, THEME_COOKIE).map(Theme::of_word).unwrap_or_default(),
        }
    }

    /// What the server wrote into `<html>`; the defaults outside a browser.
    pub fn of_document() -> Self {
        #[cfg(feature = "hydrate")]
        if let Some(root) = document().document_element() {
            return Self {
                locale: root.get_attribute("lang").and_then(|tag| Locale::of_tag(&tag)).unwrap_or_default(),
                theme: root.get_attribute("data-theme").map(|word| Theme::of_word(&word)).unwrap_or_default(),
            };
        }
        Self::default()
    }
}

/// The value of one cookie in a `Cookie` header.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Makes the preferences known to every component below. Called once, by each application's root.
pub fn provide_preferences() {
    #[cfg(feature = "ssr")]
    let preferences = use_context::<http::request::Parts>().map(|parts| of_parts(&parts)).unwrap_or_default();
    #[cfg(not(feature = "ssr"))]
    let preferences = Preferences::of_document();
    provide_context(preferences);
}

/// From a request's head.
#[cfg(feature = "ssr")]
pub fn of_parts(parts: &http::request::Parts) -> Preferences {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Preferences::of_headers(header(http::header::COOKIE), header(http::header::ACCEPT_LANGUAGE))
}

/// The address that keeps a choice in a cookie and comes back to `path`; it works without scripts.
pub fn choice_href(key: &str, value: &str, path: &str) -> String {
    format!("/preferences?{key}={value}&to={}", path.replace('%', "%25").replace('&', "%26").replace('#', "%23").replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_wins_over_the_browsers_languages() {
        let both = Preferences::of_headers("a=1; looma_lang=zh; looma_theme=dark", "en-GB,en;q=0.9");
        assert_eq!(both, Preferences { locale: Locale::Zh, theme: Theme::Dark });
        assert_eq!(Preferences::of_headers("", "fr-FR, zh-CN;q=0.8, en").locale, Locale::Zh);
        assert_eq!(Preferences::of_headers("xlooma_lang=zh", "").locale, Locale::En);
    }
}
