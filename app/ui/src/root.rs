//! An application as a whole: its frame for whoever is signed in, the sign-in page for everyone else.

use crate::action::failure_of;
use crate::data::Data;
use crate::failure::{Answer, Failure};
use crate::frame::{App, Frame, NavItem, mark_hydrated};
use crate::navigation::own_path;
use crate::palette::Suggest;
use crate::posting::ServerAction;
use crate::preferences::provide_preferences;
use crate::sign_in::{Gate, SignInFields};
use crate::states::ErrorState;
use crate::viewer::Viewer;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::{Redirect, Router};
use leptos_router::hooks::use_query_map;

/// `name` stands behind each page's title. `form` wraps the fields in the application's own sign-in form, `routes`
/// are its pages.
#[component]
pub fn Root<S, W>(
    app: App,
    name: &'static str,
    nav: &'static [NavItem],
    sign_in: ServerAction<S>,
    who: fn() -> W,
    sign_out: &'static str,
    #[prop(optional)] suggest: Option<Suggest>,
    form: fn(ServerAction<S>, AnyView) -> AnyView,
    routes: fn() -> AnyView,
) -> impl IntoView
where
    S: ServerFn<Output = (), Error = Failure> + Clone + Send + Sync + 'static,
    W: Future<Output = Answer<Option<Viewer>>> + Send + 'static,
{
    leptos_meta::provide_meta_context();
    provide_preferences();
    mark_hydrated();
    // Asked again only when signing in worked: a refused form keeps what was typed.
    let signed_in = Memo::new(move |_| sign_in.succeeded());
    let viewer = Data::new(move || signed_in.get(), move |_| who());
    view! {
        <leptos_meta::Title formatter=move |title| format!("{title} · {name}")/>
        <Router>
            <Suspense>
                {move || Suspend::new(async move {
                    match viewer.await {
                        Ok(Some(viewer)) => view! { <Frame app nav viewer sign_out suggest>{routes()}</Frame> }.into_any(),
                        Ok(None) => {
                            let fields = view! { <SignInFields failure=failure_of(sign_in) pending=sign_in.pending()/> }.into_any();
                            view! { <Gate app>{form(sign_in, fields)}</Gate> }.into_any()
                        }
                        Err(failure) => view! { <main><ErrorState failure/></main> }.into_any(),
                    }
                })}
            </Suspense>
        </Router>
    }
}

/// `/sign-in` for whoever is signed in: on to `?next=`, or to the first page.
#[component]
pub fn SignedIn() -> impl IntoView {
    let next = use_query_map().read_untracked().get("next");
    view! { <Redirect path=own_path(next.as_deref()).to_owned()/> }
}
