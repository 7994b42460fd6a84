//! The real binary, ended by `kill -9` while it works: nothing that was answered with 2xx is lost, and no projection drifts.

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

const EMAIL: &str = "admin@example.com";
const PASSWORD: &str = "correct horse battery staple";
const SERVICES: [&str; 18] = [
    "gateway",
    "user",
    "resume",
    "company",
    "job",
    "project",
    "skill",
    "relationship",
    "ai",
    "search",
    "admin",
    "monitor",
    "backup",
    "config",
    "log",
    "web",
    "admin-web",
    "mobile",
];

/// A port for each service that nobody uses at the moment: below those that outgoing connections get, each handed out once.
fn free_ports() -> Vec<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + (std::process::id() % 100) as u16 * 100;
    let candidates = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::Relaxed));
    candidates.filter(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).take(SERVICES.len()).collect()
}

fn looma(data: &Path, ports: &[u16]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_looma"));
    command.current_dir(data).arg("--data").arg(data).env("LOOMA_ADMIN_EMAIL", EMAIL).env("LOOMA_ADMIN_PASSWORD", PASSWORD);
    for (name, port) in SERVICES.iter().zip(ports) {
        command.env(format!("LOOMA__SERVICES__{}__PORT", name.to_uppercase()), port.to_string());
    }
    command
}

struct Running {
    process: Child,
    http: reqwest::Client,
    gateway: String,
    token: String,
}

impl Running {
    async fn start(data: &Path, ports: &[u16]) -> Self {
        let process = looma(data, ports).arg("up").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let gateway = format!("http://127.0.0.1:{}", ports[0]);
        let mut running = Self { process, http: reqwest::Client::new(), gateway, token: String::new() };
        let began = Instant::now();
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        loop {
            if let Ok(answer) = running.http.post(format!("{}/api/v1/users/login", running.gateway)).json(&login).send().await
                && answer.status() == 200
            {
                let session: Value = answer.json().await.unwrap();
                session["access_token"].as_str().unwrap().clone_into(&mut running.token);
                return running;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "the system did not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the gateway says, asked again when it says so: a fast machine makes records faster than one client may.
    async fn ask(&self, request: reqwest::RequestBuilder) -> reqwest::Response {
        let request = request.bearer_auth(&self.token).build().unwrap();
        loop {
            let answer = self.http.execute(request.try_clone().unwrap()).await.unwrap();
            if answer.status() != 429 {
                return answer;
            }
            let wait = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            tokio::time::sleep(Duration::from_secs(wait)).await;
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask(self.http.post(format!("{}{path}", self.gateway)).json(body)).await;
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn status(&self, path: &str) -> u16 {
        self.ask(self.http.get(format!("{}{path}", self.gateway))).await.status().as_u16()
    }
}

impl Drop for Running {
    /// A test that fails leaves no process behind.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn nothing_answered_is_lost_when_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let ports = free_ports();
    let mut answered = Vec::new();
    for round in 0..3 {
        let mut running = Running::start(folder.path(), &ports).await;
        let deadline = Instant::now() + Duration::from_millis(300 + 200 * round);
        let mut number = 0;
        while Instant::now() < deadline {
            number += 1;
            let (path, body) = if number % 2 == 0 {
                (
                    "/api/v1/people",
                    json!({ "name": format!("Person {round} {number}"), "emails": [format!("p{round}-{number}@example.com")] }),
                )
            } else {
                ("/api/v1/companies", json!({ "name": format!("Company {round} {number}") }))
            };
            let made = running.post(path, &body).await;
            answered.push(format!("{path}/{}", made["id"].as_str().unwrap()));
        }
        running.process.kill().unwrap();
        running.process.wait().unwrap();
    }
    assert!(answered.len() > 20, "only {} records were made", answered.len());

    let mut running = Running::start(folder.path(), &ports).await;
    for path in &answered {
        assert_eq!(running.status(path).await, 200, "{path} is lost");
    }
    let while_running = looma(folder.path(), &ports).args(["verify", "--json"]).output().unwrap();
    assert!(while_running.status.success(), "{}", String::from_utf8_lossy(&while_running.stdout));
    let down = looma(folder.path(), &ports).arg("down").output().unwrap();
    assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
    assert!(running.process.wait().unwrap().success());

    let alone = looma(folder.path(), &ports).args(["verify", "--json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&alone.stdout).unwrap();
    assert!(alone.status.success() && report["ok"] == true && report["records"].as_u64() >= Some(answered.len() as u64), "{report}");
}

#[test]
fn a_wrong_setting_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = looma(folder.path(), &free_ports()).env("LOOMA__AUTH__ACCESS_TOKEN_SECONDS", "5").arg("up").output().unwrap();
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(!wrong.status.success() && said.contains("auth.access_token_seconds") && said.contains("300 to 900"), "{said}");
    let unknown = looma(folder.path(), &free_ports()).env("LOOMA__GATEWAY__PORTT", "1").arg("up").output().unwrap();
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(!unknown.status.success() && said.contains("portt") && said.contains("LOOMA__"), "{said}");
}

#[test]
fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let ports = free_ports();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", ports[3])).unwrap();
    let output = looma(folder.path(), &ports).arg("up").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("company") && said.contains(&ports[3].to_string()), "{said}");
}
