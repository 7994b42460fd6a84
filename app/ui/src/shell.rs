//! The document around an application, rendered on the server.

use crate::frame::App;
use crate::preferences::{Theme, of_parts};
use crate::words::messages_shell as m;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// The built front end's hashed file names, as addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripts {
    pub script: String,
    pub module: String,
    pub style: String,
}

/// `<html>` with the reader's language and colours; boots the WASM module when it was built and says so when not.
pub fn document<V: IntoView>(app: App, scripts: Option<Scripts>, view: impl FnOnce() -> V) -> impl IntoView {
    let preferences = use_context::<http::request::Parts>().map(|parts| of_parts(&parts)).unwrap_or_default();
    let nonce = use_nonce();
    let theme = (preferences.theme != Theme::System).then_some(preferences.theme.as_str());
    let head = scripts.clone().map(|Scripts { script, module, style }| {
        let boot = format!("import init from \"{script}\"; init({{ module_or_path: \"{module}\" }});");
        view! {
            <link rel="stylesheet" href=style/>
            <link rel="modulepreload" href=script nonce=nonce.clone()/>
            <link rel="preload" href=module r#as="fetch" type="application/wasm" crossorigin="anonymous"/>
            <script type="module" nonce=nonce>{boot}</script>
        }
    });
    // The body holds the application and nothing else: that is what the browser takes over.
    let body = if scripts.is_some() {
        view().into_any()
    } else {
        view! { <p class="notice" role="alert">{preferences.locale.text(m::NOT_BUILT)}</p> {view()} }.into_any()
    };
    view! {
        <!DOCTYPE html>
        <html lang=preferences.locale.tag() data-app=app.as_str() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" type="image/svg+xml" href="/icon.svg"/>
                {head}
                <MetaTags/>
            </head>
            <body>{body}</body>
        </html>
    }
}
