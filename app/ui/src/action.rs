//! What a form's last try came to: done, or why not.

use crate::failure::Failure;
use crate::field::Alert;
use crate::floating::use_toasts;
use crate::posting::{Sent, ServerAction};
use crate::words::{Msg, t};
use leptos::prelude::*;

/// Changes each time the action succeeds, not when it fails: what depends on it is read again, and a refused form
/// keeps what was typed.
pub fn done<S>(action: ServerAction<S>) -> Memo<usize> {
    successes(action.sent)
}

fn successes(sent: Sent) -> Memo<usize> {
    Memo::new(move |before: Option<&usize>| {
        let version = sent.version.get();
        if sent.succeeded() { version } else { before.copied().unwrap_or_default() }
    })
}

/// Why the last try failed; none while nothing was tried or it worked.
pub fn failure_of<S>(action: ServerAction<S>) -> Signal<Option<Failure>> {
    failures(action.sent)
}

fn failures(sent: Sent) -> Signal<Option<Failure>> {
    Signal::derive(move || sent.failure())
}

/// What is wrong with one field.
pub fn wrong(failure: Signal<Option<Failure>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)))
}

/// The failure in words, unless it is about fields, which say it themselves.
#[component]
pub fn Refusal(failure: Signal<Option<Failure>>) -> impl IntoView {
    move || failure.get().filter(|failure| failure.0.errors.is_empty()).map(|failure| view! { <Alert text=failure.message()/> })
}

/// Says `words` when the action worked.
pub fn say_when_done<S>(action: ServerAction<S>, words: Msg) {
    say_when_sent(action.sent, t(words));
}

fn say_when_sent(sent: Sent, words: &'static str) {
    let toasts = use_toasts();
    Effect::new(move |_| {
        if sent.succeeded() {
            toasts.say(words);
        }
    });
}
