use super::*;

#[test]
fn a_wrong_value_names_its_key_and_what_is_allowed() {
    let mut settings = Settings::default();
    settings.auth.access_token_seconds = 5;
    let text = settings.check().unwrap_err().to_string();
    assert!(text.contains("auth.access_token_seconds") && text.contains("300 to 900"), "{text}");
}

#[test]
fn public_addresses_are_addresses_and_say_where_the_host_does_not() {
    let mut settings = Settings::default();
    assert_eq!((settings.issuer().as_str(), settings.web().as_str()), ("http://127.0.0.1:9000", "http://127.0.0.1:9203"));
    settings.tls = Some(TlsSettings { certificate: "cert.pem".into(), key: "key.pem".into() });
    assert_eq!((settings.issuer().as_str(), settings.web().as_str()), ("https://127.0.0.1:9000", "https://127.0.0.1:9203"));
    settings.auth.issuer = Some("https://crm.example/api".into());
    settings.check().unwrap();
    assert_eq!(settings.issuer(), "https://crm.example/api");
    for wrong in ["crm.example", "https://", "https://crm.example/", "https://crm.example?x", "ftp://crm.example", "https://a b"] {
        settings.auth.issuer = Some(wrong.into());
        assert!(settings.check().unwrap_err().to_string().contains("auth.issuer"), "{wrong}");
    }
}

#[test]
fn two_services_on_one_port_are_refused() {
    let mut settings = Settings::default();
    settings.services.insert("user".into(), ServiceSettings { port: Some(9000), ..ServiceSettings::default() });
    assert!(settings.check().unwrap_err().to_string().contains("9000"));
}

#[test]
fn the_longest_prefix_says_how_long_a_request_may_take() {
    let mut settings = Settings::default();
    let said = [("/api/v1/ai", 90), ("/api/v1/people", 10), ("/api/v1/people/{id}/skills", 5), ("/api/v1/resumes", 1)];
    settings.gateway.timeouts = said.map(|(prefix, seconds)| (prefix.to_owned(), seconds)).into();
    settings.check().unwrap();
    for (path, seconds) in [
        ("/api/v1/ai/embed", 90),
        ("/api/v1/people/7", 10),
        ("/api/v1/people/7/skills", 5),
        ("/api/v1/resumes/7", 1),
        ("/api/v1/resumes/import", 30),
        ("/api/v1/jobs", 30),
    ] {
        assert_eq!(settings.time_for(path), Duration::from_secs(seconds), "{path}");
    }
    assert_eq!(settings.longest_time(), Duration::from_secs(90));
    for (prefix, seconds) in [("/api/v1/ai", 0), ("/api/v1/ai", 601), ("api/v1/ai", 5), ("/api/v1/ai/", 5)] {
        settings.gateway.timeouts = BTreeMap::from([(prefix.to_owned(), seconds)]);
        assert!(settings.check().unwrap_err().to_string().contains(&format!("gateway.timeouts.{prefix}: ")), "{prefix} {seconds}");
    }
}

#[test]
fn the_defaults_are_allowed() {
    Settings::default().check().unwrap();
}

#[test]
fn other_origins_are_written_as_browsers_write_them() {
    let mut settings = Settings::default();
    settings.gateway.cors_origins = vec!["https://careers.example".into(), "http://localhost:5173".into()];
    settings.check().unwrap();
    for wrong in ["*", "careers.example", "https://careers.example/", "https://careers.example/jobs", "https://Careers.example", "null"] {
        settings.gateway.cors_origins = vec![wrong.into()];
        assert!(settings.check().unwrap_err().to_string().contains("gateway.cors_origins"), "{wrong}");
    }
}
