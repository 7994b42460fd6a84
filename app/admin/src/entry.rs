//! What a form's last try came to.

use leptos::server_fn::ServerFn;
use looma_app_ui::prelude::*;

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
