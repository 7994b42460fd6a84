//! From when to when lines are searched. The fields hold the reader's own time; a hidden one says how far it is from
//! UTC, so that the address means the same to everyone. Without scripts the times are in UTC, as the page shows them.

use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;

/// An instant as the service reads it: `local` as a `datetime-local` field gives it, `zone` the minutes from it to UTC.
pub fn instant(local: &str, zone: &str) -> Option<String> {
    let local = local.trim();
    let read = |form| chrono::NaiveDateTime::parse_from_str(local, form).ok();
    let time = read("%Y-%m-%dT%H:%M").or_else(|| read("%Y-%m-%dT%H:%M:%S"))?;
    // No place on earth is farther away than 14 hours.
    let zone: i64 = zone.trim().parse().ok().filter(|zone| (-840..=840).contains(zone)).unwrap_or(0);
    let utc = time.checked_add_signed(chrono::TimeDelta::minutes(zone))?;
    Some(utc.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[component]
pub fn Span() -> impl IntoView {
    let query = use_query_map();
    let zone = RwSignal::new(query.read_untracked().get("zone").unwrap_or_default());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| zone.set(js_sys::Date::new_0().get_timezone_offset().to_string()));
    let field = move |key: &'static str, label: Msg| {
        view! {
            <label class="flex items-center gap-1 text-13 muted">
                {t(label)}
                <input class="input input-small w-auto" type="datetime-local" name=key value=query.read_untracked().get(key)
                    prop:value=move || query.read().get(key).unwrap_or_default()/>
            </label>
        }
    };
    view! {
        {field("from", FROM)}
        {field("to", TO)}
        <input type="hidden" name="zone" value=zone.get_untracked() prop:value=zone/>
    }
}

messages! {
    FROM: "From", "从";
    TO: "To", "至";
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn the_readers_time_becomes_the_services() {
        assert_eq!(instant("2026-11-22T10:00", "-60").as_deref(), Some("2026-11-22T09:00:00Z"));
        assert_eq!(instant("2026-11-22T23:30:10", "60").as_deref(), Some("2026-11-23T00:30:10Z"));
        assert_eq!(instant("2026-11-22T10:00", "9999").as_deref(), Some("2026-11-22T10:00:00Z"));
        assert_eq!(instant("yesterday", "0"), None);
    }
}
