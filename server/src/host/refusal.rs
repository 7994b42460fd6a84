//! A plain page that says why a form was refused, for browsers without scripts.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use leptos::prelude::*;
use looma_app_ui::messages;
use looma_app_ui::words::Locale;
use looma_types::Problem;

messages! {
    REFUSED: "That did not work", "操作未成功";
    BACK: "Back to the page", "返回页面";
}

/// `back` is where the form stands.
pub(super) fn page(status: StatusCode, problem: Option<Problem>, back: &str, locale: Locale) -> Response {
    let reasons = problem.map(reasons).unwrap_or_default();
    let document = view! {
        <!DOCTYPE html>
        <html lang=locale.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>{locale.text(REFUSED)}</title>
            </head>
            <body>
                <h1>{locale.text(REFUSED)}</h1>
                {reasons.into_iter().map(|reason| view! { <p>{reason}</p> }).collect_view()}
                <p><a href=back.to_owned()>{locale.text(BACK)}</a></p>
            </body>
        </html>
    };
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"))];
    (status, policy, Html(document.to_html())).into_response()
}

fn reasons(problem: Problem) -> Vec<String> {
    let fields = problem.errors.into_iter().map(|error| error.detail);
    problem.detail.into_iter().chain(fields).collect()
}
