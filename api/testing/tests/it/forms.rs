//! Forms that a browser without scripts sends to a front end.

use axum::http::Method;
use looma_testing::{Seen, TestApp};
use looma_types::ServiceName;
use looma_types::resume::Import;
use looma_types::{Page, Role};

const EDGE: &str = "----edge";

/// Sends the form of `/imports`.
async fn send(app: &TestApp, cookie: &str, accept: &str, field: &str) -> Seen {
    let body = format!(
        "--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"ann.json\"\r\nContent-Type: application/json\r\n\r\n\
         {{\"basics\": {{\"name\": \"Ann Bell\", \"email\": \"ann.bell@example.com\"}}}}\r\n--{EDGE}--\r\n"
    );
    let headers = [("accept", accept), ("cookie", cookie), ("origin", "http://crm.example"), ("host", "crm.example")];
    let form = format!("multipart/form-data; boundary={EDGE}");
    let web = app.nobody().at(ServiceName::Web);
    web.send(Method::POST, "/api/web/pass/resumes/import", &headers, Some((&form, body.into_bytes()))).await
}

#[tokio::test]
async fn an_import_without_scripts_ends_at_its_page() {
    let app = TestApp::start().await;
    let ann = app.with_role("ann", Role::User).await;
    let session = ann.session();
    let cookie = format!("looma_web_session={}~{}", session.access_token, session.refresh_token);
    let page = "text/html,application/xhtml+xml;q=0.9";

    let sent = send(&app, &cookie, page, "file").await;
    assert_eq!((sent.status(), sent.header("location")), (303, "/imports"), "{}", sent.text());
    assert_eq!(ann.get("/api/v1/resumes/imports").await.ok::<Page<Import>>().items.len(), 1);

    let refused = send(&app, &cookie, page, "<b>").await;
    assert_eq!(refused.status(), 422);
    assert!(refused.header("content-type").starts_with("text/html"));
    let text = refused.text();
    assert!(text.contains("href=\"/imports\"") && text.contains("known fields are file and person_id") && !text.contains("<b>"), "{text}");
    assert_eq!(send(&app, "", page, "file").await.status(), 401);

    let by_script = send(&app, &cookie, "application/json", "file").await;
    by_script.accepted::<Import>();
}
