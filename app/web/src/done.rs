//! When a form has done its work.

use leptos::server_fn::ServerFn;
use leptos::server_fn::error::FromServerFnError;
use looma_app_ui::prelude::*;

/// Changes each time the action succeeds, not when it fails: what depends on it is read again, and a refused form
/// keeps what was typed.
pub fn done<S>(action: ServerAction<S>) -> Memo<usize>
where
    S: ServerFn<Output = ()> + Clone + Send + Sync + 'static,
    S::Error: FromServerFnError + Clone + Send + Sync + 'static,
{
    Memo::new(move |before: Option<&usize>| {
        let version = action.version().get();
        let succeeded = matches!(*action.value().read(), Some(Ok(())));
        if succeeded { version } else { before.copied().unwrap_or_default() }
    })
}
