//! What stands where data will be, would be, or could not be.

use crate::data::Data;
use crate::failure::Failure;
use crate::icon::{Glyph, Icon};
use crate::words::{LOADING, RETRY, t, tf};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::pin::Pin;

/// Nothing here yet: what this is, and one thing to do (the children, usually a [`crate::button::ButtonLink`]).
#[component]
pub fn EmptyState(
    icon: Icon,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-mark"><Glyph icon=icon size=20/></span>
            <h2>{title}</h2>
            <p class="empty-text">{text}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
}

/// Grey rows in the shape of a list, while it loads.
#[component]
pub fn Skeleton(#[prop(default = 8)] rows: usize) -> impl IntoView {
    view! {
        <div class="table-box" role="status" aria-label=t(LOADING)>
            {(0..rows.min(40))
                .map(|_| {
                    view! {
                        <div class="skeleton-row">
                            <span class="skeleton skeleton-w1"></span>
                            <span class="skeleton skeleton-w2"></span>
                            <span class="skeleton skeleton-w3"></span>
                            <span class="skeleton skeleton-w4"></span>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// What went wrong, what to do, and the request id to tell the administrator.
#[component]
pub fn ErrorState(failure: Failure, #[prop(optional, into)] retry: Option<Callback<()>>) -> impl IntoView {
    let title = match failure.0.status {
        401 => t(SIGNED_OUT),
        403 => t(FORBIDDEN),
        404 => t(NOT_FOUND),
        502..=504 => t(UNAVAILABLE),
        _ => t(WENT_WRONG),
    };
    let id = failure.0.request_id.clone();
    let again = failure.is_signed_out().then(|| {
        let location = leptos_router::hooks::use_location();
        let here = move || format!("/sign-in?next={}", crate::navigation::escape(&format!("{}{}", location.pathname.get(), location.query.get().to_query_string())));
        view! { <div class="empty-actions"><a class="button button-primary" rel="external" href=here>{t(crate::sign_in::SIGN_IN)}</a></div> }
    });
    let retry = retry.filter(|_| again.is_none());
    view! {
        <div class="empty" role="alert">
            <span class="empty-mark"><Glyph icon=Icon::TriangleAlert size=20/></span>
            <h2>{title}</h2>
            <p class="empty-text">{failure.message()}</p>
            {id.map(|id| view! { <p class="mono muted">{tf(REQUEST_ID, &[&id])}</p> })}
            {again}
            {retry.map(|retry| view! {
                <div class="empty-actions">
                    <button type="button" class="button" on:click=move |_| retry.run(())><Glyph icon=Icon::RefreshCw size=15/> {t(RETRY)}</button>
                </div>
            })}
        </div>
    }
}

/// No page has this address: says so, with status 404.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <crate::frame::PageHead title=t(NOT_FOUND)/>
        <EmptyState icon=Icon::Inbox title=t(NOT_FOUND) text=t(NO_SUCH_PAGE)>
            <a class="button" href="/">{t(HOME)}</a>
        </EmptyState>
    }
}

/// A resource on the page: a skeleton while it loads, an error state with "try again" when it failed, else `view`.
#[component]
pub fn Loaded<T, V>(
    resource: Data<T>,
    view: impl Fn(T) -> V + Clone + Send + Sync + 'static,
    /// How many rows the skeleton has.
    #[prop(default = 8)]
    rows: usize,
) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    V: IntoView + 'static,
{
    let retry = Callback::new(move |()| resource.refetch());
    let shown = move || -> Shown {
        let view = view.clone();
        Box::pin(async move {
            match resource.await {
                Ok(value) => view(value).into_any(),
                Err(failure) => view! { <ErrorState failure retry/> }.into_any(),
            }
        })
    };
    loaded(Box::new(shown), rows)
}

type Shown = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// What is the same for every type.
fn loaded(shown: Box<dyn Fn() -> Shown + Send + Sync>, rows: usize) -> AnyView {
    view! {
        <Transition fallback=move || view! { <Skeleton rows=rows/> }>
            {move || Suspend::new(shown())}
        </Transition>
    }
    .into_any()
}

crate::messages! {
    SIGNED_OUT: "Your session has ended", "登录已过期";
    FORBIDDEN: "You may not see this", "您没有查看权限";
    NOT_FOUND: "There is nothing here", "这里没有内容";
    UNAVAILABLE: "This part is not available right now", "这部分暂时不可用";
    WENT_WRONG: "Something went wrong", "出了点问题";
    NO_SUCH_PAGE: "No page has this address. It may have moved, or the record was deleted.", "没有此地址的页面。它可能已移动，或记录已被删除。";
    HOME: "To the overview", "返回概览";
    REQUEST_ID: "Request {0}", "请求编号 {0}";
}
