//! Small charts, drawn on the server too.

use crate::words::tf;
use leptos::prelude::*;

/// A line of values over time, oldest first. `label` says in words what it shows.
#[component]
pub fn Sparkline(#[prop(into)] values: Vec<f64>, #[prop(into)] label: String) -> impl IntoView {
    let (line, area) = outline(&values);
    view! {
        <svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label=label>
            <path class="spark-area" d=area></path>
            <path class="spark-line" d=line></path>
        </svg>
    }
}

/// The path through the values in a 100 × 32 box, and the same closed at the bottom.
fn outline(values: &[f64]) -> (String, String) {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if values.len() < 2 || low > high {
        return (String::new(), String::new());
    }
    let span = if high > low { high - low } else { 1.0 };
    let step = 100.0 / (values.len() - 1) as f64;
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .filter(|(_, value)| value.is_finite())
        .map(|(index, value)| format!("{:.2} {:.2}", index as f64 * step, 30.0 - (value - low) / span * 28.0))
        .collect();
    let line = format!("M{}", points.join("L"));
    let area = format!("{line}L100 32L0 32Z");
    (line, area)
}

/// One bar: what it counts and how many.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub label: String,
    pub value: f64,
    /// The value in words, such as "12" or "34 ms".
    pub shown: String,
    pub href: Option<String>,
}

impl Bar {
    pub fn count(label: impl Into<String>, value: i64) -> Self {
        Self { label: label.into(), value: value as f64, shown: crate::time::number(value), href: None }
    }
}

/// Horizontal bars, such as a pipeline's funnel.
#[component]
pub fn BarChart(bars: Vec<Bar>) -> impl IntoView {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    view! {
        <ul class="bars">
            {bars
                .into_iter()
                .map(|bar| {
                    let width = (bar.value / most * 100.0).clamp(0.0, 100.0);
                    let label = match bar.href {
                        Some(href) => view! { <a class="bar-label link" href=href>{bar.label}</a> }.into_any(),
                        None => view! { <span class="bar-label">{bar.label}</span> }.into_any(),
                    };
                    view! {
                        <li class="bar">
                            {label}
                            <svg class="bar-track" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                                <rect class="bar-back" width="100" height="8"></rect>
                                <rect class="bar-fill" width=format!("{width:.2}") height="8"></rect>
                            </svg>
                            <span class="bar-value">{bar.shown}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// How far long work is, 0 to 1.
#[component]
pub fn Progress(#[prop(into)] value: Signal<f64>, #[prop(into)] label: String) -> impl IntoView {
    let percent = move || (value.get().clamp(0.0, 1.0) * 100.0).round();
    view! {
        <div>
            <div class="progress-head"><span>{label.clone()}</span> <span>{move || tf(PERCENT, &[&percent()])}</span></div>
            <progress class="progress" max="100" value=percent aria-label=label></progress>
        </div>
    }
}

crate::messages! {
    PERCENT: "{0}%", "{0}%";
}

#[cfg(test)]
mod tests {
    use super::outline;

    #[test]
    fn a_line_spans_its_box_and_odd_values_do_no_harm() {
        assert_eq!(outline(&[0.0, 1.0]).0, "M0.00 30.00L100.00 2.00");
        assert_eq!(outline(&[2.0, 2.0]).0, "M0.00 30.00L100.00 30.00");
        assert_eq!(outline(&[1.0]).0, "");
        assert_eq!(outline(&[f64::NAN, f64::NAN]).0, "");
    }
}
