//! What a form's last try came to: done, or why not.

use crate::failure::Failure;
use crate::field::Alert;
use crate::floating::use_toasts;
use crate::words::{Msg, t};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Changes each time the action succeeds, not when it fails: what depends on it is read again, and a refused form
/// keeps what was typed.
pub fn done<S>(action: ServerAction<S>) -> Memo<usize>
where
    S: ServerFn<Error = Failure> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    Memo::new(move |before: Option<&usize>| {
        let version = action.version().get();
        let succeeded = matches!(*action.value().read(), Some(Ok(_)));
        if succeeded { version } else { before.copied().unwrap_or_default() }
    })
}

/// Why the last try failed; none while nothing was tried or it worked.
pub fn failure_of<S>(action: ServerAction<S>) -> Signal<Option<Failure>>
where
    S: ServerFn<Error = Failure> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    Signal::derive(move || action.value().get().and_then(Result::err))
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
pub fn say_when_done<S>(action: ServerAction<S>, words: Msg)
where
    S: ServerFn<Error = Failure> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let (toasts, words) = (use_toasts(), t(words));
    Effect::new(move |_| {
        if matches!(action.value().get(), Some(Ok(_))) {
            toasts.say(words);
        }
    });
}
