//! Forms, and what became of them. A form is sent as a browser without scripts would send it, and the answer stays text
//! until somebody reads it: so the module holds this once, and not once for each form (docs/decisions/0005).

use crate::failure::{Answer, Failure};
use leptos::ev::SubmitEvent;
use leptos::form::form_data_from_event;
use leptos::prelude::*;
use leptos::server::ServerActionError;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr, ServerFnUrlError};
use leptos::server_fn::redirect::{REDIRECT_HEADER, call_redirect_hook};
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::sync::Arc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What a server function answered to a form. The function's own type is known to nothing below.
pub struct ServerAction<S> {
    pub(crate) sent: Sent,
    of: PhantomData<fn() -> S>,
}

impl<S> Clone for ServerAction<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for ServerAction<S> {}

impl<S: ServerFn<Error = Failure>> Default for ServerAction<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: ServerFn<Error = Failure>> ServerAction<S> {
    /// Nothing sent yet, but for what a page without scripts was sent with.
    pub fn new() -> Self {
        Self { sent: Sent::new(S::PATH), of: PhantomData }
    }
}

impl<S> ServerAction<S> {
    /// Whether an answer is waited for.
    pub fn pending(self) -> Signal<bool> {
        self.sent.pending()
    }

    /// How many answers there have been.
    pub fn version(self) -> RwSignal<usize> {
        self.sent.version
    }

    /// Whether the last answer is no failure.
    pub fn succeeded(self) -> bool {
        self.sent.succeeded()
    }

    /// Why the last try failed; none while nothing was tried or it worked.
    pub fn failure(self) -> Option<Failure> {
        self.sent.failure()
    }

    /// Forgets the last answer.
    pub fn clear(self) {
        self.sent.answer.set(None);
    }
}

impl<S: ServerFn> ServerAction<S>
where
    S::Output: DeserializeOwned,
{
    /// What the last try came to.
    pub fn answer(self) -> Option<Answer<S::Output>> {
        let read =
            |text: Arc<str>| serde_json::from_str(&text).map_err(|error| failure(ServerFnErrorErr::Deserialization(error.to_string())));
        self.sent.answer.get().map(|answer| answer.and_then(read))
    }
}

/// A form that a server function takes. Without scripts the browser sends it by itself.
#[component]
pub fn ActionForm<S: ServerFn>(action: ServerAction<S>, children: Children) -> impl IntoView {
    form(action.sent, S::url(), children)
}

fn form(sent: Sent, url: &'static str, children: Children) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        if !event.default_prevented() {
            event.prevent_default();
            sent.send(url, written(&event));
        }
    };
    view! { <form action=url method="post" on:submit=submit>{children()}</form> }
}

/// The same of every form.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    answer: RwSignal<Option<Answer<Arc<str>>>>,
    under_way: RwSignal<usize>,
    pub version: RwSignal<usize>,
}

impl Sent {
    fn new(path: &str) -> Self {
        let error = use_context::<ServerActionError>().filter(|error| error.path() == path);
        let answer = error.map(|error| Err(ServerFnUrlError::<Failure>::decode_err(error.err())));
        Self { answer: RwSignal::new(answer), under_way: RwSignal::new(0), version: RwSignal::new(0) }
    }

    fn pending(self) -> Signal<bool> {
        Signal::derive(move || self.under_way.get() > 0)
    }

    pub fn succeeded(self) -> bool {
        matches!(*self.answer.read(), Some(Ok(_)))
    }

    pub fn failure(self) -> Option<Failure> {
        self.answer.read().as_ref().and_then(|answer| answer.as_ref().err().cloned())
    }

    fn send(self, url: &'static str, body: Result<String, JsValue>) {
        self.under_way.update(|count| *count += 1);
        spawn_local(async move {
            let answer = match body {
                Ok(body) => post(url, &body).await,
                Err(error) => Err(error),
            };
            let answer = answer.unwrap_or_else(|error| Err(failure(ServerFnErrorErr::Request(words(error)))));
            // The page may have been left meanwhile.
            self.under_way.try_update(|count| *count -= 1);
            self.answer.try_set(Some(answer));
            self.version.try_update(|count| *count += 1);
        });
    }
}

fn failure(error: ServerFnErrorErr) -> Failure {
    Failure::from_server_fn_error(error)
}

fn words(error: JsValue) -> String {
    String::from(js_sys::Error::from(error).message())
}

/// The form's fields, with the button that was pressed, as `application/x-www-form-urlencoded`.
fn written(event: &SubmitEvent) -> Result<String, JsValue> {
    let fields = form_data_from_event(event).map_err(|error| js_sys::Error::new(&error.to_string()))?;
    Ok(web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields)?.to_string().into())
}

/// `Err` where there was no answer at all.
async fn post(url: &str, body: &str) -> Result<Answer<Arc<str>>, JsValue> {
    let headers = web_sys::Headers::new()?;
    headers.set("content-type", "application/x-www-form-urlencoded")?;
    headers.set("accept", "application/json")?;
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&body.into());
    let answer: web_sys::Response = JsFuture::from(window().fetch_with_str_and_init(url, &init)).await?.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
    if answer.status() >= 400 {
        return Ok(Err(Failure::de(text.into())));
    }
    if answer.headers().has(REDIRECT_HEADER)? {
        call_redirect_hook(&answer.headers().get("location")?.unwrap_or_default());
    }
    Ok(Ok(text.into()))
}
