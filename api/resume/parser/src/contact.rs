//! E-mail addresses, telephone numbers and links.

use std::sync::LazyLock;

use looma_types::json_resume::Profile;
use regex::Regex;

use crate::dates;

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9][A-Za-z0-9._%+\-]*\s?@\s?[A-Za-z0-9](?:[A-Za-z0-9\-]*\.)+[A-Za-z]{2,}").ok());
static URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:https?://|www\.)[^\s，。；、|<>（）\x22]+|(?:[a-z0-9\-]+\.)+(?:com|io|dev|me|net|org|cn|ai|co|app|tech|blog|page|edu|info|xyz|site|uk|de|in|eu|us|ca|fr|es|design|studio|art)(?:/[^\s，。；、|<>（）\x22]*)?").ok()
});
static PHONE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:\(\s?\+\d{1,3}\s?\)|\+|00)?\s?\(?\d{1,15}\)?(?:[\s.\-–·/]{0,2}\(?\d{1,12}\)?){0,6}").ok());

pub fn email(text: &str) -> Option<String> {
    let found = EMAIL.as_ref()?.find(text)?.as_str();
    Some(found.chars().filter(|c| !c.is_whitespace()).collect::<String>().trim_end_matches('.').to_owned())
}

/// All telephone numbers of a text. `labelled`: the text says that it is one.
pub fn phones(text: &str, labelled: bool) -> Vec<String> {
    let Some(pattern) = PHONE.as_ref() else { return Vec::new() };
    let without_mail = EMAIL
        .as_ref()
        .map_or_else(|| text.to_owned(), |mail| mail.replace_all(text, |found: &regex::Captures| " ".repeat(found[0].len())).into_owned());
    let mut out: Vec<String> = Vec::new();
    for found in pattern.find_iter(&without_mail) {
        let number = found.as_str().trim().trim_end_matches(['-', '.', '/', '(']).trim();
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let glued =
            without_mail[..found.start()].chars().last().is_some_and(|c| c.is_ascii_alphanumeric() || c == '/' || c == '_' || c == '=')
                || without_mail[found.end()..].chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '@' || c == '%');
        if glued || !(7..=15).contains(&digits.len()) || !dates::find(number).is_empty() {
            continue;
        }
        let international = number.starts_with(['+', '(']) || number.starts_with("00");
        let chinese = digits.len() == 11 && digits.starts_with('1') && digits.as_bytes().get(1).is_some_and(|b| (b'3'..=b'9').contains(b));
        let grouped = number.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).count() >= 2 && digits.len() >= 9;
        let trunk = digits.starts_with('0') && digits.len() >= 9;
        if labelled || international || chinese || grouped || trunk {
            let tidy = crate::normalise::collapse(number);
            if !out.contains(&tidy) {
                out.push(tidy);
            }
        }
    }
    out
}

/// All addresses of web pages in a text.
pub fn urls(text: &str) -> Vec<String> {
    let Some(pattern) = URL.as_ref() else { return Vec::new() };
    pattern
        .find_iter(text)
        .filter(|found| {
            let before = text[..found.start()].chars().last();
            let after = text[found.end()..].chars().next();
            before.is_none_or(|c| !(c == '@' || c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_'))
                && after.is_none_or(|c| c != '@' && !c.is_ascii_alphanumeric())
        })
        .map(|found| found.as_str().trim_end_matches(['.', ',', ')', ';', ':', '/']).to_owned())
        // `Node.js` and `ASP.net` are no hosts.
        .filter(|url| {
            let lower = url.to_lowercase();
            !matches!(lower.as_str(), "asp.net" | "vb.net" | ".net" | "ado.net" | "ml.net")
                && lower != "socket.io"
                && lower != "draw.io"
                && lower.contains('.')
        })
        .collect()
}

const NETWORKS: &[(&str, &str)] = &[
    ("linkedin.com", "LinkedIn"),
    ("github.com", "GitHub"),
    ("gitlab.com", "GitLab"),
    ("gitee.com", "Gitee"),
    ("twitter.com", "Twitter"),
    ("x.com", "X"),
    ("stackoverflow.com", "Stack Overflow"),
    ("scholar.google.com", "Google Scholar"),
    ("orcid.org", "ORCID"),
    ("medium.com", "Medium"),
    ("dribbble.com", "Dribbble"),
    ("behance.net", "Behance"),
    ("kaggle.com", "Kaggle"),
    ("leetcode.com", "LeetCode"),
    ("leetcode.cn", "LeetCode"),
    ("zhihu.com", "知乎"),
    ("juejin.cn", "掘金"),
    ("blog.csdn.net", "CSDN"),
    ("csdn.net", "CSDN"),
    ("cnblogs.com", "博客园"),
    ("weibo.com", "微博"),
    ("facebook.com", "Facebook"),
    ("instagram.com", "Instagram"),
    ("youtube.com", "YouTube"),
    ("xing.com", "XING"),
    ("researchgate.net", "ResearchGate"),
];

/// A contact line without its addresses, numbers and their labels.
pub fn bare(text: &str) -> String {
    let mut rest = text.to_owned();
    for pattern in [&EMAIL, &URL] {
        if let Some(pattern) = pattern.as_ref() {
            rest = pattern.replace_all(&rest, " ").into_owned();
        }
    }
    for phone in phones(&rest, false) {
        rest = rest.replace(&phone, " ");
    }
    let words: Vec<&str> = rest.split_whitespace().filter(|word| !crate::person::is_label(word.trim_end_matches([':', '：']))).collect();
    words.join(" ").trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

fn host_and_path(url: &str) -> &str {
    let url = url.trim();
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.strip_prefix("www.").unwrap_or(url)
}

/// The account that an address names, if its host is a known network.
pub fn profile(url: &str) -> Option<Profile> {
    let rest = host_and_path(url);
    let host = rest.split('/').next()?.to_lowercase();
    let (_, network) = NETWORKS.iter().find(|(known, _)| host == *known || host.ends_with(&format!(".{known}")))?;
    let path: Vec<&str> = rest.split(['/', '?']).skip(1).filter(|part| !part.is_empty()).collect();
    let username = path
        .iter()
        .find(|part| !matches!(**part, "in" | "pub" | "people" | "users" | "u" | "user" | "profile" | "citations" | "channel" | "c"))
        .map(|part| (*part).trim_start_matches('@').to_owned());
    Some(Profile { network: Some((*network).to_owned()), username, url: Some(with_scheme(url)), ..Profile::default() })
}

pub fn with_scheme(url: &str) -> String {
    if url.contains("://") { url.to_owned() } else { format!("https://{url}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_in_running_text() {
        let line = "13800138000 | +44 20 7946 0958 | li.wei@example.com.cn | github.com/liwei | (415) 555-0132";
        assert_eq!(email(line).as_deref(), Some("li.wei@example.com.cn"));
        assert_eq!(phones(line, false), ["13800138000", "+44 20 7946 0958", "(415) 555-0132"]);
        assert_eq!(urls(line), ["github.com/liwei"]);
        assert!(phones("2018.09-2022.06  2019 - 2021  110101199003070000", false).is_empty());
        assert!(urls("Node.js, ASP.NET and jane@example.com").is_empty());
        assert_eq!(profile("https://www.linkedin.com/in/jane-roe/").unwrap().username.as_deref(), Some("jane-roe"));
    }
}
