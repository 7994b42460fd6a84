//! Lines as they are written: the newest on top, and a pause to read in peace.

use super::Line;
use looma_app_ui::prelude::*;
use looma_types::log::LogLine;
use std::collections::VecDeque;

/// How many lines are kept on the page, and how many wait while it is paused.
const KEEP: usize = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "the stream is followed in the browser"))]
enum Connection {
    Connecting,
    Open,
    Lost,
    Refused,
}

/// What the stream brought.
#[derive(Clone, Copy)]
struct Tail {
    /// Newest first.
    shown: RwSignal<VecDeque<LogLine>>,
    /// Newest first; they join `shown` when the reader goes on.
    waiting: RwSignal<VecDeque<LogLine>>,
    paused: RwSignal<bool>,
    missed: RwSignal<u64>,
    connection: RwSignal<Connection>,
}

#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "the stream is followed in the browser"))]
impl Tail {
    fn take(self, line: LogLine) {
        let Some(paused) = self.paused.try_get_untracked() else { return };
        let lines = if paused { self.waiting } else { self.shown };
        lines.try_update(|lines| {
            lines.push_front(line);
            lines.truncate(KEEP);
        });
    }

    fn go_on(self) {
        let mut lines = self.waiting.try_update(std::mem::take).unwrap_or_default();
        self.shown.update(|shown| {
            lines.append(shown);
            lines.truncate(KEEP);
            *shown = lines;
        });
        self.paused.set(false);
    }
}

/// Follows the lines that `query` selects, from the opening of the page on.
#[component]
pub fn Live(query: String) -> impl IntoView {
    let tail = Tail {
        shown: RwSignal::default(),
        waiting: RwSignal::default(),
        paused: RwSignal::new(false),
        missed: RwSignal::new(0),
        connection: RwSignal::new(Connection::Connecting),
    };
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| browser::follow(&query, tail));
    #[cfg(not(feature = "hydrate"))]
    drop(query);
    let state = move || match tail.connection.get() {
        Connection::Connecting => view! { <Badge label=t(CONNECTING)/> },
        Connection::Open => view! { <Badge tone=Tone::Good label=t(OPEN)/> },
        Connection::Lost => view! { <Badge tone=Tone::Warn label=t(LOST)/> },
        Connection::Refused => view! { <Badge tone=Tone::Bad label=t(REFUSED)/> },
    };
    let toggle = move |_| if tail.paused.get_untracked() { tail.go_on() } else { tail.paused.set(true) };
    let note = move || {
        let waiting = tail.waiting.read().len();
        if tail.paused.get() { plural(waiting as i64, WAITING_ONE, WAITING_MANY) } else { t(NEWEST_FIRST).to_owned() }
    };
    view! {
        <div class="flex flex-wrap items-center gap-2 mb-4">
            <span role="status">{state}</span>
            <button type="button" class="button button-small" on:click=toggle>
                {move || if tail.paused.get() {
                    view! { <Glyph icon=Icon::Play size=14/> {t(GO_ON)} }.into_any()
                } else {
                    view! { <Glyph icon=Icon::Pause size=14/> {t(PAUSE)} }.into_any()
                }}
            </button>
            <span class="text-13 muted">{note}</span>
            {move || (tail.missed.get() > 0).then(|| view! { <span class="text-13">{tf(MISSED, &[&tail.missed.get()])}</span> })}
        </div>
        // As markup in one piece: with scripts on, the browser keeps no elements in here.
        <noscript inner_html=format!("<p>{}</p>", t(NEEDS_SCRIPTS))></noscript>
        <ul class:rows=move || !tail.shown.read().is_empty() aria-label=t(crate::LOGS)>
            <For each=move || tail.shown.get() key=|line| (line.seq, line.at) let:line><Line line/></For>
        </ul>
        {move || tail.shown.read().is_empty().then(|| view! { <p class="muted text-13">{t(QUIET)}</p> })}
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Connection, Tail};
    use looma_app_ui::prelude::*;
    use wasm_bindgen::prelude::*;
    use web_sys::{EventSource, MessageEvent};

    /// Keeps `tail` as the stream tells; the browser connects again by itself and goes on after the last line it got.
    pub fn follow(query: &str, tail: Tail) {
        let mark = if query.is_empty() { "" } else { "?" };
        let Ok(source) = EventSource::new(&format!("/api/admin/pass/logs/tail{mark}{query}")) else {
            tail.connection.set(Connection::Refused);
            return;
        };
        let on_line = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(line) = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                tail.take(line);
            }
        });
        let on_missed = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let told = event.data().as_string().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
            let count = told.and_then(|told| told.get("count")?.as_u64()).unwrap_or(0);
            tail.missed.try_update(|missed| *missed += count);
        });
        let on_open = Closure::<dyn FnMut()>::new(move || {
            let _ = tail.connection.try_set(Connection::Open);
        });
        let asked = source.clone();
        let on_error = Closure::<dyn FnMut()>::new(move || {
            let closed = asked.ready_state() == EventSource::CLOSED;
            tail.connection.try_set(if closed { Connection::Refused } else { Connection::Lost });
        });
        let _ = source.add_event_listener_with_callback("line", on_line.as_ref().unchecked_ref());
        let _ = source.add_event_listener_with_callback("missed", on_missed.as_ref().unchecked_ref());
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let kept = StoredValue::new_local((source, on_line, on_missed, on_open, on_error));
        on_cleanup(move || {
            kept.try_with_value(|(source, ..)| {
                source.set_onopen(None);
                source.set_onerror(None);
                source.close();
            });
        });
    }
}

messages! {
    CONNECTING: "Connecting", "正在连接";
    OPEN: "Live", "实时";
    LOST: "Connection lost, trying again", "连接中断，正在重连";
    REFUSED: "Not available; load the page again", "无法连接，请刷新页面";
    PAUSE: "Pause", "暂停";
    GO_ON: "Go on", "继续";
    NEWEST_FIRST: "The newest line is on top.", "最新的日志在最上方。";
    WAITING_ONE: "Paused; {0} line waits.", "已暂停，{0} 行等待显示。";
    WAITING_MANY: "Paused; {0} lines wait.", "已暂停，{0} 行等待显示。";
    MISSED: "{0} lines came too fast to show.", "{0} 行因过快而未显示。";
    QUIET: "Lines appear here as they are written.", "新的日志会显示在这里。";
    NEEDS_SCRIPTS: "Live lines need scripts. Searching works without.", "实时日志需要启用脚本；搜索功能不受影响。";
}

#[cfg(all(test, not(feature = "hydrate")))]
mod tests {
    use super::*;

    #[test]
    fn a_pause_holds_lines_back_and_keeps_their_order() {
        Owner::new().with(|| {
            let tail = Tail {
                shown: RwSignal::default(),
                waiting: RwSignal::default(),
                paused: RwSignal::new(false),
                missed: RwSignal::new(0),
                connection: RwSignal::new(Connection::Open),
            };
            let line = |seq| LogLine {
                seq,
                at: chrono::DateTime::UNIX_EPOCH,
                level: "INFO".into(),
                target: "t".into(),
                message: "m".into(),
                fields: serde_json::Map::new(),
            };
            let seen = move || tail.shown.get_untracked().iter().map(|line| line.seq).collect::<Vec<_>>();
            tail.take(line(1));
            tail.paused.set(true);
            tail.take(line(2));
            tail.take(line(3));
            assert_eq!(seen(), [1]);
            tail.go_on();
            assert_eq!(seen(), [3, 2, 1]);
            (4..2_000).for_each(|seq| tail.take(line(seq)));
            assert_eq!((seen().len(), seen()[0]), (KEEP, 1_999));
        });
    }
}
