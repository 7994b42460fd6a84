//! Words in both languages, checked when they are compiled: a message without a translation, or whose
//! placeholders differ between the languages, does not build.

use crate::preferences::Preferences;
use leptos::prelude::use_context;

/// The two languages of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    #[default]
    En,
    Zh,
}

impl Locale {
    /// The value of `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The locale of a BCP 47 tag, if we speak it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The message in this language.
    pub const fn text(self, message: Msg) -> &'static str {
        match self {
            Self::En => message.en,
            Self::Zh => message.zh,
        }
    }
}

/// One message in both languages. `{0}`, `{1}` … are filled by [`tf`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Msg {
    pub en: &'static str,
    pub zh: &'static str,
}

impl Msg {
    /// # Panics
    /// At compile time, when a language is empty or the placeholders differ.
    pub const fn new(en: &'static str, zh: &'static str) -> Self {
        assert!(!en.is_empty() && !zh.is_empty(), "a message needs both languages");
        assert!(placeholders(en) == placeholders(zh), "both languages need the same placeholders");
        Self { en, zh }
    }
}

/// One bit for each placeholder `{0}` to `{9}` that occurs.
const fn placeholders(text: &str) -> u16 {
    let bytes = text.as_bytes();
    let (mut set, mut at) = (0, 0);
    while at + 2 < bytes.len() {
        if bytes[at] == b'{' && bytes[at + 1].is_ascii_digit() && bytes[at + 2] == b'}' {
            set |= 1 << (bytes[at + 1] - b'0');
        }
        at += 1;
    }
    set
}

/// Names messages: `messages! { SAVE: "Save", "保存"; }` makes `pub const SAVE: Msg`.
#[macro_export]
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $zh:literal;)+) => {
        $($(#[$doc])* pub const $name: $crate::words::Msg = $crate::words::Msg::new($en, $zh);)+
    };
}

/// The language of this page.
pub fn locale() -> Locale {
    use_context::<Preferences>().unwrap_or_else(Preferences::of_document).locale
}

/// The message in the language of this page.
pub fn t(message: Msg) -> &'static str {
    locale().text(message)
}

/// The message with its placeholders filled in order.
pub fn tf(message: Msg, values: &[&dyn std::fmt::Display]) -> String {
    let mut text = t(message).to_owned();
    for (index, value) in values.iter().enumerate() {
        text = text.replace(&format!("{{{index}}}"), &value.to_string());
    }
    text
}

/// `one` for 1, else `other`, with `{0}` as the number. Chinese has one form and uses the same words in both.
pub fn plural(count: i64, one: Msg, other: Msg) -> String {
    tf(if count == 1 { one } else { other }, &[&crate::time::number(count)])
}

messages! {
    CANCEL: "Cancel", "取消";
    SAVE: "Save", "保存";
    EDIT: "Edit", "编辑";
    DELETE: "Delete", "删除";
    CLOSE: "Close", "关闭";
    UNDO: "Undo", "撤销";
    RETRY: "Try again", "重试";
    SEARCH: "Search", "搜索";
    LOADING: "Loading", "正在加载";
    OPTIONAL: "optional", "选填";
    MORE: "More", "更多";
    LOAD_MORE: "Show more", "显示更多";
    COPY: "Copy", "复制";
    NONE: "None", "无";
    ALL: "All", "全部";
}

/// Words for spans of time.
pub(crate) mod messages_time {
    crate::messages! {
        NOW: "just now", "刚刚";
        AGO: "{0} ago", "{0}前";
        AHEAD: "in {0}", "{0}后";
        MINUTE: "{0} minute", "{0} 分钟";
        MINUTES: "{0} minutes", "{0} 分钟";
        HOUR: "{0} hour", "{0} 小时";
        HOURS: "{0} hours", "{0} 小时";
        DAY: "{0} day", "{0} 天";
        DAYS: "{0} days", "{0} 天";
        MONTH: "{0} month", "{0} 个月";
        MONTHS: "{0} months", "{0} 个月";
        YEAR: "{0} year", "{0} 年";
        YEARS: "{0} years", "{0} 年";
    }
}

/// Words around an application.
#[cfg(feature = "ssr")]
pub(crate) mod messages_shell {
    crate::messages! {
        NOT_BUILT: "The scripts and styles of this page are not built. Run scripts/build-front and start again; until then it works plainly.",
            "本页面的脚本与样式尚未构建。请运行 scripts/build-front 后重新启动；在此之前仅提供基本功能。";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_locales() {
        assert_eq!(Locale::of_tag("zh-Hans-CN"), Some(Locale::Zh));
        assert_eq!(Locale::of_tag(" en;q=0.8"), Some(Locale::En));
        assert_eq!(Locale::of_tag("fr"), None);
        assert_eq!(Locale::of_tag("中"), None);
    }

    #[test]
    fn placeholders_are_counted() {
        assert_eq!(placeholders("{0} of {2}"), 0b101);
        assert_eq!(placeholders("{x} {"), 0);
    }
}
