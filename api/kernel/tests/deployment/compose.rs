//! `compose.yaml` and its secrets.

use crate::{keys, read, root, texts, yaml};
use looma_kernel::Settings;
use looma_types::ServiceName;
use regex::Regex;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const FILE: &str = "deploy/compose.yaml";

fn containers() -> Map<String, Value> {
    yaml(FILE)["services"].as_object().unwrap().clone()
}

/// Our own, which run `looma`.
fn ours() -> impl Iterator<Item = (String, Value)> {
    containers().into_iter().filter(|(_, container)| container["image"].as_str().unwrap().starts_with("looma:"))
}

#[test]
fn the_files_follow_the_specification() {
    let schema = serde_json::from_str(&read("deploy/schema/compose-spec.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for file in [FILE, "deploy/compose.ports.yaml"] {
        let wrong: Vec<_> = schema.iter_errors(&yaml(file)).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{file}: {wrong:#?}");
    }
    assert!(!schema.is_valid(&json!({ "services": { "a": { "imagee": "b" } } })));
}

#[test]
fn every_service_has_a_container_that_waits_for_what_it_needs() {
    let containers = containers();
    let named: BTreeSet<_> =
        containers.iter().filter(|(_, one)| texts(&one["profiles"]) == ["services"]).map(|(name, _)| name.as_str()).collect();
    assert_eq!(named, ServiceName::ALL.map(ServiceName::as_str).into());
    for service in ServiceName::ALL {
        let container = &containers[service.as_str()];
        assert_eq!(texts(&container["command"]), ["serve", service.as_str()]);
        assert_eq!(texts(&container["healthcheck"]["test"]), ["CMD", "looma", "ready", service.as_str()]);
        for need in service.needs() {
            assert_eq!(container["depends_on"][need.as_str()]["condition"], "service_healthy", "{service} needs {need}");
        }
        for (name, one) in ours() {
            let key = format!("LOOMA__SERVICES__{}__URL", service.as_str().to_uppercase());
            assert_eq!(one["environment"][&key], format!("http://{service}:{}", service.default_port()), "{name}");
        }
    }
    for (name, container) in &containers {
        let unknown: Vec<_> = keys(&container["depends_on"]).into_iter().filter(|other| !containers.contains_key(*other)).collect();
        assert!(unknown.is_empty(), "{name} depends on {unknown:?}");
    }
}

/// Run in a process with a container's environment by the test below; with the usual one, `production.yaml` alone is checked.
#[test]
fn settings_of_this_environment_are_accepted() {
    Settings::load(Some(&root().join("config/production.yaml")), None).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_program_accepts_every_variable() {
    let load = |environment: &BTreeMap<String, String>| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "compose::settings_of_this_environment_are_accepted"]).env_clear().envs(environment).output().unwrap()
    };
    // What is left open in the file, as the guide says that it can be set.
    let from_outside = BTreeMap::from([
        ("LOOMA_ADMIN_EMAIL", "ann@example.com"),
        ("LOOMA_ADMIN_PASSWORD", "a long password"),
        ("LOOMA__LOG__LEVEL", "debug"),
        ("LOOMA__STORES__S3__URL", "https://key@s3.example.com/looma"),
        ("LOOMA__STORES__S3__PASSWORD_FILE", "/run/secrets/s3_secret"),
    ]);
    for (name, container) in ours() {
        let mut environment = BTreeMap::new();
        for (key, value) in container["environment"].as_object().unwrap() {
            let value = match value {
                Value::Null => (*from_outside.get(key.as_str()).unwrap_or_else(|| panic!("{key} is open"))).to_owned(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            environment.insert(key.clone(), value);
        }
        let answer = load(&environment);
        assert!(answer.status.success(), "{name}: {}", String::from_utf8_lossy(&answer.stdout));
        environment.insert("LOOMA__STORES__POSTGRES__PASWORD_FILE".into(), "x".into());
        assert!(!load(&environment).status.success(), "{name}: a wrong key is not seen");
    }
}

#[test]
fn containers_can_do_no_more_than_they_must() {
    for (name, container) in containers() {
        let name = name.as_str();
        let hands_over = name == "weaviate-volume";
        // These write into their own folders when they start.
        let writes = ["neo4j", "elasticsearch"].contains(&name);
        assert_eq!(container["read_only"], !writes, "{name}");
        assert_eq!(texts(&container["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&container["cap_add"]), if hands_over { vec!["CHOWN"] } else { vec![] }, "{name}");
        assert_eq!(texts(&container["security_opt"]), ["no-new-privileges:true"], "{name}");
        let user = container["user"].as_str().unwrap_or_else(|| panic!("{name} has no user"));
        assert_eq!(user.starts_with("root") || user.starts_with('0'), hands_over, "{name} runs as {user}");
        for limit in ["mem_limit", "cpus", "pids_limit"] {
            assert!(!container[limit].is_null(), "{name} has no {limit}");
        }
        assert_eq!(container["restart"], if hands_over { "no" } else { "unless-stopped" }, "{name}");
        // The image of the whole system has one of its own.
        assert!(hands_over || name == "all-in-one" || !container["healthcheck"]["test"].is_null(), "{name} has no health check");
        let (_, tag) = container["image"].as_str().unwrap().rsplit_once(':').unwrap_or_else(|| panic!("{name}: which version?"));
        assert_ne!(tag, "latest", "{name}");
        for port in texts(&container["ports"]) {
            assert!(port.starts_with("${LOOMA_BIND:-127.0.0.1}:"), "{name} opens {port}");
        }
    }
    let open: BTreeSet<_> = containers().into_iter().filter(|(_, one)| !one["ports"].is_null()).map(|(name, _)| name).collect();
    assert_eq!(open, ["admin-web", "all-in-one", "gateway", "grafana", "mobile", "web"].map(String::from).into());
}

#[test]
fn engines_are_reached_from_within_unless_told_otherwise() {
    let file = yaml(FILE);
    assert_eq!(file["networks"]["back"]["internal"], true);
    let opened = yaml("deploy/compose.ports.yaml");
    let mut ports = Vec::new();
    for (name, opens) in opened["services"].as_object().unwrap() {
        assert_eq!(texts(&file["services"][name]["networks"]), ["back"], "{name}");
        ports.extend(
            texts(&opens["ports"]).into_iter().map(|port| port.strip_prefix("127.0.0.1:").unwrap().split(':').next().unwrap().to_owned()),
        );
    }
    assert_eq!(ports, ["9202", "27018", "7475", "7688", "5434", "6382", "8082"]);
}

#[test]
fn the_database_takes_the_connections_of_two_copies_of_each_service() {
    let containers = containers();
    let limit = texts(&containers["postgres"]["command"]).into_iter().find_map(|word| word.strip_prefix("max_connections="));
    let each = containers["user"]["environment"]["LOOMA__STORES__POSTGRES__CONNECTIONS"].as_u64().unwrap();
    assert!(2 * each * ServiceName::ALL.len() as u64 <= limit.unwrap().parse().unwrap());
}

#[test]
fn what_is_mounted_is_there() {
    let file = yaml(FILE);
    let volumes = keys(&file["volumes"]);
    for (name, container) in file["services"].as_object().unwrap() {
        for mount in texts(&container["volumes"]) {
            let source = mount.split(':').next().unwrap();
            let there = if source.starts_with('.') { root().join("deploy").join(source).exists() } else { volumes.contains(&source) };
            assert!(there, "{name}: {mount}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_script_makes_every_secret_once_behind_a_closed_folder() {
    use std::os::unix::fs::PermissionsExt;

    let file = yaml(FILE);
    let mut declared = BTreeSet::new();
    for (name, secret) in file["secrets"].as_object().unwrap() {
        assert_eq!(secret["file"], format!("secrets/{name}"));
        declared.insert(name.clone());
    }
    let mentioned = Regex::new(r"/run/secrets/(\w+)").unwrap();
    for (name, container) in file["services"].as_object().unwrap() {
        let mut text = container.to_string();
        for mount in texts(&container["volumes"]).iter().filter(|mount| mount.ends_with(".sh:ro")) {
            text += &read(&format!("deploy/{}", mount.split(':').next().unwrap()));
        }
        let used: BTreeSet<_> = mentioned.captures_iter(&text).map(|found| found[1].to_owned()).collect();
        let given: BTreeSet<_> = texts(&container["secrets"]).into_iter().map(str::to_owned).collect();
        assert!(given.is_subset(&declared) && used.is_subset(&given), "{name} uses {used:?} of {given:?}");
    }

    let folder = std::env::temp_dir().join(format!("looma-secrets-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(root().join("deploy/secrets.sh"), folder.join("secrets.sh")).unwrap();
    let make = || {
        assert!(Command::new("sh").arg(folder.join("secrets.sh")).output().unwrap().status.success());
        let made = std::fs::read_dir(folder.join("secrets")).unwrap().map(Result::unwrap);
        made.map(|file| (file.file_name().into_string().unwrap(), std::fs::read_to_string(file.path()).unwrap()))
            .collect::<BTreeMap<_, _>>()
    };
    let made = make();
    assert_eq!(made.keys().cloned().collect::<BTreeSet<_>>(), declared);
    assert_eq!(make(), made, "a second run changes nothing");
    assert_eq!(std::fs::metadata(folder.join("secrets")).unwrap().permissions().mode() & 0o777, 0o700);
    let different: BTreeSet<_> = made.values().collect();
    assert!(different.len() == made.len() && made.values().all(|secret| secret.len() >= 64), "guessable");
    std::fs::remove_dir_all(folder).unwrap();
}
