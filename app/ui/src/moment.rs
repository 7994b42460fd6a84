//! Exact instants, and doing something again and again.

use leptos::prelude::*;
use looma_types::Instant;
use std::time::Duration;

/// An instant to the second: in UTC from the server, in the reader's zone once the page is alive.
#[component]
pub fn Exact(at: Instant) -> impl IntoView {
    let text = RwSignal::new(at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| text.set(local(at)));
    view! { <time class="numbers" datetime=at.to_rfc3339() title=at.to_rfc3339()>{move || text.get()}</time> }
}

#[cfg(feature = "hydrate")]
fn local(at: Instant) -> String {
    let date = js_sys::Date::new(&(at.timestamp_millis() as f64).into());
    let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
    format!("{year}-{month:02}-{day:02} {:02}:{:02}:{:02}", date.get_hours(), date.get_minutes(), date.get_seconds())
}

/// Runs `work` every `period` in the browser, as long as the page stands.
pub fn every(period: Duration, work: impl Fn() + Copy + 'static) {
    Effect::new(move |_| {
        if let Ok(handle) = set_interval_with_handle(work, period) {
            on_cleanup(move || handle.clear());
        }
    });
}
