//! Processes of the real binary, asked over HTTP.

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

pub const EMAIL: &str = "admin@example.com";
pub const PASSWORD: &str = "correct horse battery staple";
pub const SERVICES: [&str; 18] = [
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
pub fn free_ports() -> Vec<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + (std::process::id() % 100) as u16 * 100;
    let candidates = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::Relaxed));
    candidates.filter(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).take(SERVICES.len()).collect()
}

/// How a process is started: its folder, its ports, and settings from the environment.
#[derive(Clone)]
pub struct Plan {
    pub data: PathBuf,
    pub ports: Vec<u16>,
    pub env: Vec<(String, String)>,
}

impl Plan {
    pub fn new(data: &Path) -> Self {
        Self { data: data.to_owned(), ports: free_ports(), env: vec![] }
    }

    /// The same with a setting, such as `STORES__REDIS__URL`.
    #[must_use]
    pub fn with(mut self, key: impl AsRef<str>, value: impl Into<String>) -> Self {
        self.env.push((format!("LOOMA__{}", key.as_ref()), value.into()));
        self
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_looma"));
        command.current_dir(&self.data).arg("--data").arg(&self.data);
        command.env("LOOMA_ADMIN_EMAIL", EMAIL).env("LOOMA_ADMIN_PASSWORD", PASSWORD);
        for (name, port) in SERVICES.iter().zip(&self.ports) {
            command.env(format!("LOOMA__SERVICES__{}__PORT", name.to_uppercase()), port.to_string());
        }
        command.envs(self.env.iter().cloned()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    pub fn port(&self, service: &str) -> u16 {
        self.ports[SERVICES.iter().position(|name| *name == service).unwrap()]
    }

    /// `looma up`, once somebody can sign in.
    pub async fn up(&self) -> Running {
        let mut running = self.begin(&["up"]);
        running.is_ready(self.port("gateway")).await;
        running.sign_in().await;
        running
    }

    /// Any command that goes on; its log is `looma.log` in its folder, what it prints is `looma.out`.
    pub fn begin(&self, arguments: &[&str]) -> Running {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.data.join("looma.log")).unwrap();
        let out = std::fs::File::create(self.data.join("looma.out")).unwrap();
        let process = self.command().args(arguments).stdout(out).stderr(log).spawn().unwrap();
        let http = reqwest::Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        Running {
            process: Some(process),
            http,
            gateway: format!("http://127.0.0.1:{}", self.port("gateway")),
            token: String::new(),
            log: self.data.join("looma.log"),
        }
    }
}

pub struct Running {
    process: Option<Child>,
    pub http: reqwest::Client,
    pub gateway: String,
    pub token: String,
    log: PathBuf,
}

impl Running {
    /// Waits until what listens on a port of this machine can do its work.
    pub async fn is_ready(&self, port: u16) {
        let at = format!("http://127.0.0.1:{port}/health/ready");
        self.until(&at, async || self.http.get(&at).send().await.ok().filter(|answer| answer.status() == 200)).await;
    }

    /// Once the system is ready: who tries too often has to wait.
    pub async fn sign_in(&mut self) {
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        let session = self.until("sign in", async || {
            let answer = self.http.post(format!("{}/api/v1/users/login", self.gateway)).json(&login).send().await.ok()?;
            if answer.status() == 200 { answer.json::<Value>().await.ok() } else { None }
        });
        session.await["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    /// Asks until there is an answer; fails when there is none in a minute.
    pub async fn until<T>(&self, what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "{what}: not in a minute");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the gateway says, asked again when it says so: a fast machine makes records faster than one client may.
    pub async fn ask(&self, request: RequestBuilder) -> Response {
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

    pub async fn try_get(&self, path: &str) -> Response {
        self.ask(self.http.get(format!("{}{path}", self.gateway))).await
    }

    pub async fn try_post(&self, path: &str, body: &Value) -> Response {
        self.ask(self.http.post(format!("{}{path}", self.gateway)).json(body)).await
    }

    /// A record that was made, and the position of its event.
    pub async fn post(&self, path: &str, body: &Value) -> (Value, i64) {
        let answer = self.try_post(path, body).await;
        let position = answer.headers().get("looma-position").and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {body}");
        (serde_json::from_str(&body).unwrap(), position)
    }

    /// What must be there. Where it waits for a position, that may take longer than one request waits on a busy machine.
    pub async fn get(&self, path: &str) -> Value {
        self.until(path, async || {
            let answer = self.try_get(path).await;
            let (status, body) = (answer.status(), answer.text().await.unwrap());
            if status == 503 && path.contains("wait_for=") {
                return None;
            }
            assert!(status.is_success(), "{path}: {status} {body}");
            Some(serde_json::from_str(&body).unwrap())
        })
        .await
    }

    pub async fn status(&self, path: &str) -> u16 {
        self.try_get(path).await.status().as_u16()
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(25).collect();
        format!("the log's last lines, newest first:\n{}", last.join("\n"))
    }

    /// Another client of the same system, not yet signed in.
    pub fn another(&self) -> Self {
        Self { process: None, http: self.http.clone(), gateway: self.gateway.clone(), token: String::new(), log: self.log.clone() }
    }

    pub fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// Ends it with no warning.
    pub fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Waits for its end; whether that was a good one.
    pub fn ended_well(&mut self) -> bool {
        self.process.take().unwrap().wait().unwrap().success()
    }
}

impl Drop for Running {
    /// A test that fails says what was logged, and leaves no process behind.
    fn drop(&mut self) {
        if std::thread::panicking() && self.process.is_some() {
            eprintln!("{}", self.last_words());
        }
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
