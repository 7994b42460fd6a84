//! Measures in words a reader takes in at once.

use looma_app_ui::prelude::{messages, tf};

/// Milliseconds: "0.4 ms", "12 ms", "1.2 s".
pub fn millis(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.1} ms"),
        10.0..1_000.0 => format!("{value:.0} ms"),
        _ => format!("{:.1} s", value / 1_000.0),
    }
}

/// A share of one: "0 %", "0.4 %", "12 %".
pub fn share(value: f64) -> String {
    let percent = value * 100.0;
    if percent > 0.0 && percent < 10.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// Bytes: "512 B", "1.5 MB".
pub fn bytes(value: f64) -> String {
    let mut value = value;
    for unit in ["B", "kB", "MB"] {
        if value < 1_000.0 {
            return if unit == "B" { format!("{value:.0} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1_000.0;
    }
    format!("{value:.1} GB")
}

/// How long something has run: "3 d 4 h", "12 min", "40 s".
pub fn span(seconds: u64) -> String {
    match seconds {
        ..60 => tf(SECONDS, &[&seconds]),
        60..3_600 => tf(MINUTES, &[&(seconds / 60)]),
        3_600..86_400 => tf(HOURS, &[&(seconds / 3_600), &(seconds % 3_600 / 60)]),
        _ => tf(DAYS, &[&(seconds / 86_400), &(seconds % 86_400 / 3_600)]),
    }
}

messages! {
    SECONDS: "{0} s", "{0} 秒";
    MINUTES: "{0} min", "{0} 分钟";
    HOURS: "{0} h {1} min", "{0} 小时 {1} 分钟";
    DAYS: "{0} d {1} h", "{0} 天 {1} 小时";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_keep_the_digits_that_matter() {
        assert_eq!((millis(0.42), millis(12.3), millis(1_234.0)), ("0.4 ms".into(), "12 ms".into(), "1.2 s".into()));
        assert_eq!((share(0.0), share(0.004), share(0.5)), ("0 %".into(), "0.4 %".into(), "50 %".into()));
        assert_eq!((bytes(512.0), bytes(1_500_000.0), bytes(2e12)), ("512 B".into(), "1.5 MB".into(), "2000.0 GB".into()));
    }
}
