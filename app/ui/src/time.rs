//! Instants, numbers and money in the reader's language.

use crate::words::{Locale, locale, messages_time as m, tf};
use leptos::prelude::*;
use looma_types::Instant;

/// Now, on the server and in the browser alike.
fn now() -> Instant {
    chrono::Utc::now()
}

/// How long ago, or until: "3 days ago", "3 天前".
pub fn relative(at: Instant) -> String {
    let seconds = (now() - at).num_seconds();
    let (past, size) = (seconds >= 0, seconds.unsigned_abs());
    let (count, one, many) = match size {
        0..45 => return crate::words::t(m::NOW).to_owned(),
        45..3_600 => ((size / 60).max(1), m::MINUTE, m::MINUTES),
        3_600..86_400 => ((size / 3_600).max(1), m::HOUR, m::HOURS),
        86_400..2_592_000 => (size / 86_400, m::DAY, m::DAYS),
        2_592_000..31_536_000 => (size / 2_592_000, m::MONTH, m::MONTHS),
        _ => (size / 31_536_000, m::YEAR, m::YEARS),
    };
    let span = tf(if count == 1 { one } else { many }, &[&count]);
    tf(if past { m::AGO } else { m::AHEAD }, &[&span])
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The day: "22 Nov 2026", "2026年11月22日". In the reader's zone in the browser, in UTC on the server.
pub fn date(at: Instant) -> String {
    let [year, month, day, ..] = local(at);
    match locale() {
        Locale::En => format!("{day} {} {year}", MONTHS[(month.clamp(1, 12) - 1) as usize]),
        Locale::Zh => format!("{year}年{month}月{day}日"),
    }
}

/// Day and minute: "22 Nov 2026, 19:05".
pub fn exact(at: Instant) -> String {
    let [.., hour, minute] = local(at);
    let between = if locale() == Locale::Zh { " " } else { ", " };
    format!("{}{between}{hour:02}:{minute:02}", date(at))
}

/// Year, month (1–12), day, hour, minute.
#[cfg(not(feature = "hydrate"))]
fn local(at: Instant) -> [u32; 5] {
    use chrono::{Datelike, Timelike};
    [at.year().unsigned_abs(), at.month(), at.day(), at.hour(), at.minute()]
}

#[cfg(feature = "hydrate")]
fn local(at: Instant) -> [u32; 5] {
    let date = js_sys::Date::new(&(at.timestamp_millis() as f64).into());
    [date.get_full_year(), date.get_month() + 1, date.get_date(), date.get_hours(), date.get_minutes()]
}

/// An instant: relative, with the exact one on hover in the reader's zone.
#[component]
pub fn When(at: Instant) -> impl IntoView {
    // The server does not know the reader's zone: the browser puts the local time in once it runs.
    let title = RwSignal::new(exact(at));
    Effect::new(move |_| title.set(exact(at)));
    view! { <time datetime=at.to_rfc3339() title=title>{relative(at)}</time> }
}

/// A whole number with digits grouped by three.
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        out.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Minor units (cents) of an ISO 4217 currency: "¥30,000", "€52,400.50".
pub fn money(minor: i64, currency: &str) -> String {
    let decimals: u32 = if matches!(currency, "JPY" | "KRW" | "VND") { 0 } else { 2 };
    let unit = 10_i64.pow(decimals);
    let sign = match currency {
        "CNY" | "JPY" => "¥",
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        _ => "",
    };
    let whole = number(minor / unit);
    let rest = (minor % unit).unsigned_abs();
    let amount = if rest == 0 { whole } else { format!("{whole}.{rest:02}") };
    if sign.is_empty() { format!("{amount} {currency}") } else { format!("{sign}{amount}") }
}

#[cfg(all(test, not(feature = "hydrate")))]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone};

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        let owner = Owner::new();
        owner.with(|| {
            assert_eq!(relative(now() - TimeDelta::seconds(5)), "just now");
            assert_eq!(relative(now() - TimeDelta::seconds(61)), "1 minute ago");
            assert_eq!(relative(now() - TimeDelta::minutes(80)), "1 hour ago");
            assert_eq!(relative(now() - TimeDelta::days(3)), "3 days ago");
            assert_eq!(relative(now() + TimeDelta::seconds(7_300)), "in 2 hours");
        });
    }

    #[test]
    fn numbers_money_and_dates_read_naturally() {
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(number(-12), "−12");
        assert_eq!(money(3_000_000, "CNY"), "¥30,000");
        assert_eq!(money(5_240_050, "EUR"), "€52,400.50");
        assert_eq!(money(100, "CHF"), "1 CHF");
        Owner::new().with(|| assert_eq!(exact(chrono::Utc.with_ymd_and_hms(2026, 11, 2, 9, 5, 0).unwrap()), "2 Nov 2026, 09:05"));
    }
}
