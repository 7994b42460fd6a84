//! The second factor, from its setting-up to its loss.

use super::*;

/// The app's codes for a time step, counted from now.
fn code(secret: &str, steps: i64) -> String {
    let totp = totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(secret).unwrap()).build().unwrap();
    let at = looma_kernel::types::now().timestamp() + 30 * steps;
    totp.generate(at as u64).to_string()
}

#[tokio::test]
async fn a_second_factor_is_asked_for_once_it_is_confirmed() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let totp = "/api/v1/users/me/totp";
    let with =
        |code: &str| app.send(Method::POST, "/api/v1/users/login", &[], json!({ "email": ROOT, "password": PASSWORD, "totp": code }));

    let wrong = app.call(&root, Method::POST, totp, json!({ "current_password": "not my password" })).await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["pointer"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("/current_password")));
    let begun = app.call(&root, Method::POST, totp, json!({ "current_password": PASSWORD })).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let secret = begun.body["secret"].as_str().unwrap();
    assert!(begun.body["url"].as_str().unwrap().starts_with("otpauth://totp/LoomaCRM:root%40example.com?secret="), "{}", begun.body);
    assert!(begun.body["qr"].as_str().unwrap().starts_with("data:image/png;base64,"));
    assert_eq!(app.login(ROOT, PASSWORD).await.status, 200, "not asked for before it is confirmed");

    assert_eq!(app.call(&root, Method::POST, &format!("{totp}/confirm"), json!({ "code": code(secret, 99) })).await.status, 422);
    let confirmed = app.call(&root, Method::POST, &format!("{totp}/confirm"), json!({ "code": code(secret, 0) })).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let codes = confirmed.body["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    assert_eq!(app.call(&root, Method::POST, totp, json!({ "current_password": PASSWORD })).await.status, 409, "there is one now");

    let missing = app.login(ROOT, PASSWORD).await;
    assert_eq!((missing.status, &missing.body["type"]), (StatusCode::UNAUTHORIZED, &json!("/problems/second-factor")));
    assert_eq!(missing.body["errors"][0]["code"], "missing");
    assert_eq!(app.login(ROOT, "wrong password").await.body["type"], "/problems/unauthorized", "the password comes first");
    assert_eq!(with(&code(secret, 0)).await.status, 401, "the code that confirmed it was used");
    let next = code(secret, 1);
    assert_eq!(with(&next).await.status, 200);
    assert_eq!(with(&next).await.body["errors"][0]["code"], "wrong", "no code works twice");

    let recovery = codes[3].as_str().unwrap().to_uppercase();
    assert_eq!(with(&recovery).await.status, 200);
    assert_eq!(with(&recovery).await.status, 401);
    assert_eq!(app.call(&root, Method::GET, totp, Value::Null).await.body["recovery_codes"], 9);
    let renewed = app.call(&root, Method::POST, &format!("{totp}/recovery-codes"), json!({ "current_password": PASSWORD })).await;
    assert_eq!(renewed.body["recovery_codes"].as_array().map(Vec::len), Some(10));
    assert_eq!(with(codes[4].as_str().unwrap()).await.status, 401, "those from before work no longer");

    let removed = app.call(&root, Method::POST, &format!("{totp}/remove"), json!({ "current_password": PASSWORD })).await;
    assert_eq!(removed.status, 204, "{}", removed.body);
    assert_eq!(app.login(ROOT, PASSWORD).await.status, 200);
    let actions = app.actions().await;
    for action in
        ["added", "removed"].map(|done| format!("user.second_factor_{done}")).into_iter().chain(["user.recovery_code_used".into()])
    {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
    let events = format!("{:?}", app.kernel.stores().sql.events_after(0, 1000).await.unwrap());
    assert!(!events.contains(secret) && !events.contains(codes[0].as_str().unwrap()));
}

#[tokio::test]
async fn who_manages_users_turns_off_a_lost_second_factor() {
    let app = Fixture::start().await;
    let root = app.token(ROOT).await;
    let ann = app.create(&root, "ann@example.com", "user").await;
    let token = app.token("ann@example.com").await;
    let begun = app.call(&token, Method::POST, "/api/v1/users/me/totp", json!({ "current_password": PASSWORD })).await;
    let right = code(begun.body["secret"].as_str().unwrap(), 0);
    assert_eq!(app.call(&token, Method::POST, "/api/v1/users/me/totp/confirm", json!({ "code": right })).await.status, 200);
    assert_eq!(app.login("ann@example.com", PASSWORD).await.status, 401);

    let path = format!("/api/v1/users/{}/totp", ann.body["id"].as_str().unwrap());
    assert_eq!(app.call(&token, Method::DELETE, &path, Value::Null).await.status, 403);
    assert_eq!(app.call(&root, Method::DELETE, &path, Value::Null).await.status, 204);
    assert_eq!(app.call(&root, Method::DELETE, &path, Value::Null).await.status, 404);
    assert_eq!(app.login("ann@example.com", PASSWORD).await.status, 200);
}
