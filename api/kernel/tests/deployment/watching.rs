//! Prometheus and Grafana ask for what is measured.

use crate::{read, root, texts, yaml};
use looma_types::ServiceName;
use promql_parser::parser::{self, Expr};
use promql_parser::util::{ExprVisitor, walk_expr};
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// What the sources measure, by name: `counter`, `gauge` or `histogram`.
static MEASURED: LazyLock<BTreeMap<String, String>> = LazyLock::new(measured);

fn measured() -> BTreeMap<String, String> {
    let said = Regex::new(r#"metrics::(counter|gauge|histogram)!\(\s*"(\w+)""#).unwrap();
    let mut found = BTreeMap::from([("looma_up".to_owned(), "gauge".to_owned())]);
    for folder in ["api", "server"] {
        look_through(&root().join(folder), &mut |text| {
            found.extend(said.captures_iter(text).map(|one| (one[2].to_owned(), one[1].to_owned())));
        });
    }
    assert!(read("api/kernel/src/telemetry.rs").contains("# TYPE looma_up gauge"));
    found
}

fn look_through(folder: &Path, read: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            look_through(&entry, read);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            read(&fs::read_to_string(&entry).unwrap());
        }
    }
}

struct Names(BTreeSet<String>);

impl ExprVisitor for Names {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Self::Error> {
        match expression {
            Expr::VectorSelector(selector) => self.0.extend(selector.name.clone()),
            Expr::MatrixSelector(selector) => self.0.extend(selector.vs.name.clone()),
            _ => {}
        }
        Ok(true)
    }
}

/// The series that a query asks for; Grafana's variables stand for anything.
fn asked(query: &str) -> BTreeSet<String> {
    let query = query.replace("$__rate_interval", "5m");
    let parsed = parser::parse(&query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let mut names = Names(BTreeSet::new());
    let Ok(_) = walk_expr(&mut names, &parsed);
    names.0
}

/// That a query asks for series that there are, in the form they have.
fn check(place: &str, query: &str) {
    let measured = &*MEASURED;
    let prometheus_own = ["up", "ALERTS"];
    for name in asked(query) {
        let known = prometheus_own.contains(&name.as_str())
            || measured.get(&name).is_some_and(|kind| kind != "histogram")
            || ["_bucket", "_count", "_sum"]
                .iter()
                .any(|part| name.strip_suffix(part).and_then(|histogram| measured.get(histogram)).is_some_and(|kind| kind == "histogram"));
        assert!(known, "{place}: {name} is not measured");
        // A quantile needs its buckets apart.
        assert!(!name.ends_with("_bucket") || query.contains("le) ("), "{place}: {query}");
    }
}

#[test]
fn histograms_have_names_that_get_buckets() {
    let histograms: Vec<_> = MEASURED.iter().filter(|(_, kind)| *kind == "histogram").map(|(name, _)| name).collect();
    assert!(histograms.len() >= 4);
    assert!(histograms.iter().all(|name| name.ends_with("_seconds")), "{histograms:?}");
}

#[test]
fn every_service_is_scraped() {
    let config = yaml("deploy/prometheus/prometheus.yml");
    let job = |name: &str| {
        let jobs = config["scrape_configs"].as_array().unwrap();
        let job = jobs.iter().find(|job| job["job_name"] == name).unwrap_or_else(|| panic!("{name} is missing"));
        // Both labels of a service would clash otherwise.
        assert_eq!(job["honor_labels"], true);
        let targets = job["dns_sd_configs"].as_array().unwrap().iter();
        targets.map(|one| (texts(&one["names"])[0].to_owned(), one["port"].as_u64().unwrap())).collect::<Vec<_>>()
    };
    let port = |service: ServiceName| u64::from(service.default_port());
    assert_eq!(job("looma"), ServiceName::ALL.map(|service| (service.to_string(), port(service))));
    assert_eq!(job("looma-all-in-one"), ServiceName::ALL.map(|service| ("all-in-one".to_owned(), port(service))));
    for file in texts(&config["rule_files"]) {
        assert!(root().join("deploy/prometheus").join(file).exists(), "{file}");
    }
}

#[test]
fn alerts_ask_for_what_is_measured() {
    let file = yaml("deploy/prometheus/alerts.yml");
    let rules: Vec<_> = file["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap()).collect();
    let mut names = BTreeSet::new();
    for rule in &rules {
        let name = rule["alert"].as_str().unwrap();
        assert!(names.insert(name), "{name} is there twice");
        check(name, rule["expr"].as_str().unwrap());
        assert!(["warning", "critical"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{name}");
        for key in ["summary", "description"] {
            assert!(rule["annotations"][key].as_str().is_some_and(|text| text.len() > 10), "{name} has no {key}");
        }
    }
    let missing = rules.iter().find(|rule| rule["alert"] == "ServiceMissing").unwrap();
    assert!(missing["expr"].as_str().unwrap().ends_with(&format!("< {}", ServiceName::ALL.len())));
    for service in ServiceName::ALL.into_iter().filter(|service| service.is_critical()) {
        let down = rules.iter().find(|rule| rule["alert"] == "CriticalServiceDown").unwrap();
        assert!(down["expr"].as_str().unwrap().contains(&format!("{{service=\"{service}\"}}")), "{service}");
    }
}

#[test]
fn dashboards_ask_for_what_is_measured() {
    let source = &yaml("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"][0]["uid"];
    let mut uids = BTreeSet::new();
    for entry in fs::read_dir(root().join("deploy/grafana/dashboards")).unwrap() {
        let path = entry.unwrap().path();
        let board: Value =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let title = board["title"].as_str().unwrap();
        assert!(uids.insert(board["uid"].as_str().unwrap().to_owned()), "{title}: its uid is another's");
        let mut ids = BTreeSet::new();
        for panel in board["panels"].as_array().unwrap() {
            let place = format!("{title}, {}", panel["title"].as_str().unwrap());
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{place}: its id is another's");
            assert_eq!(&panel["datasource"]["uid"], source, "{place}");
            assert!(panel["fieldConfig"]["defaults"]["unit"].as_str().is_some_and(|unit| !unit.is_empty()), "{place} has no unit");
            assert!(!panel["targets"].as_array().unwrap().is_empty(), "{place} asks for nothing");
            for target in panel["targets"].as_array().unwrap() {
                check(&place, target["expr"].as_str().unwrap());
            }
        }
        for variable in board["templating"]["list"].as_array().unwrap() {
            let query = variable["query"]["query"].as_str().unwrap();
            let series = query.strip_prefix("label_values(").and_then(|rest| rest.split(',').next()).unwrap();
            check(title, series);
        }
    }
    assert_eq!(uids.len(), 4);
    let home = yaml("deploy/compose.yaml")["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].clone();
    let home = home.as_str().unwrap().strip_prefix("/etc/grafana/").unwrap().to_owned();
    assert!(root().join("deploy/grafana").join(home).exists());
}
