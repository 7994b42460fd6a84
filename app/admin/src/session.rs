//! Signing in and out, and who is signed in.

use looma_app_ui::prelude::*;

/// Signs in; the tokens go into the session cookie, never to scripts. `code` is of the second factor, where one is asked for.
#[server(prefix = "/api/admin", endpoint = "session/sign-in", output = JsonText)]
pub async fn sign_in(email: String, password: String, #[server(default)] code: Option<String>) -> Result<(), Failure> {
    looma_app_ui::session::services()?.sign_in(email, password, code, looma_types::Permission::ReadMonitor).await
}

/// Ends the session and goes to the sign-in page.
#[server(prefix = "/api/admin", endpoint = "session/sign-out", output = JsonText)]
pub async fn sign_out() -> Result<(), Failure> {
    looma_app_ui::session::services()?.sign_out().await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Who is signed in; none when nobody is.
#[server(prefix = "/api/admin", endpoint = "session/who", output = JsonText)]
pub async fn who() -> Result<Option<Viewer>, Failure> {
    looma_app_ui::session::services()?.viewer().await
}
