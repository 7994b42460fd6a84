//! `looma up --processes`: eighteen processes that start in order, come back when they are killed, and all end.

use crate::running::{Plan, Running, SERVICES};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

struct Launched {
    _folder: tempfile::TempDir,
    plan: Plan,
    running: Running,
}

fn pid(number: u64) -> Pid {
    Pid::from_raw(i32::try_from(number).unwrap()).unwrap()
}

impl Launched {
    /// All are ready, and an administrator has signed in.
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::new(folder.path());
        let running = plan.begin(&["up", "--processes", "--json"]);
        let mut this = Self { _folder: folder, plan, running };
        this.report().await;
        this.running.sign_in().await;
        this
    }

    /// What the start has told.
    async fn report(&self) -> Value {
        let out = self.plan.data.join("looma.out");
        self.running.until("the start report", async || serde_json::from_slice(&std::fs::read(&out).ok()?).ok()).await
    }

    fn run(&self, arguments: &[&str]) -> Value {
        let output = self.plan.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error} {said}"))
    }

    /// Each service as the launcher knows it.
    fn services(&self) -> BTreeMap<String, Value> {
        let lines = self.run(&["status", "--json"]);
        lines.as_array().unwrap().iter().map(|line| (line["service"].as_str().unwrap().to_owned(), line["launched"].clone())).collect()
    }

    fn pids(&self) -> Vec<Pid> {
        self.services().values().filter_map(|service| Some(pid(service["pid"].as_u64()?))).collect()
    }

    /// Waits until a service is so.
    async fn until(&self, service: &str, so: impl Fn(&Value) -> bool) -> Value {
        self.running
            .until(service, async || {
                let now = self.services().remove(service)?;
                so(&now).then_some(now)
            })
            .await
    }

    /// Kills a service and takes its port in the moment in which nobody has it.
    async fn take_port(&self, service: &str) -> JoinHandle<()> {
        let port = self.plan.port(service);
        let taken = self
            .running
            .until("the port", async || {
                if let Some(number) = self.services()[service]["pid"].as_u64() {
                    let _ = kill_process(pid(number), Signal::KILL);
                }
                (0..1000).find_map(|_| std::net::TcpListener::bind(("127.0.0.1", port)).ok())
            })
            .await;
        taken.set_nonblocking(true).unwrap();
        let taken = TcpListener::from_std(taken).unwrap();
        // Whoever comes is sent away.
        tokio::spawn(async move { while taken.accept().await.is_ok() {} })
    }

    async fn are_gone(&self, pids: &[Pid]) {
        self.running.until("no process is left", async || pids.iter().all(|pid| test_kill_process(*pid).is_err()).then_some(())).await;
    }
}

#[tokio::test]
async fn eighteen_processes_are_one_system() {
    let mut launched = Launched::start().await;
    let report = launched.report().await;
    let lines = report["services"].as_array().unwrap();
    assert_eq!((lines.len(), &report["ready"]), (18, &json!(true)), "{report}");
    let of = |service: &str| lines.iter().find(|line| line["service"] == service).unwrap();
    let graph = launched.run(&["graph", "--json"]);
    for node in graph["services"].as_array().unwrap() {
        for need in node["needs"].as_array().unwrap() {
            let (service, need) = (of(node["service"].as_str().unwrap()), of(need.as_str().unwrap()));
            assert!(service["began_ms"].as_u64() >= need["ready_ms"].as_u64(), "{service} did not wait for {need}");
        }
    }
    assert_eq!(of("user")["waited_for"], Value::Null);
    let path: Vec<_> = report["critical_path"].as_array().unwrap().iter().map(|service| of(service.as_str().unwrap())).collect();
    assert!(!path.is_empty() && path.iter().all(|line| line["on_critical_path"] == true), "{report}");

    // What one process writes, others read, find and show.
    let running = &launched.running;
    let (company, position) = running.post("/api/v1/companies", &json!({ "name": "Moon Base" })).await;
    running.get(&format!("/api/v1/companies/{}", company["id"].as_str().unwrap())).await;
    let found = running.get(&format!("/api/v1/search?q=moon&mode=text&wait_for={position}")).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");

    // The log service finds what all have logged.
    let logged = async || (!running.get("/api/v1/logs?service=company").await["items"].as_array()?.is_empty()).then_some(());
    running.until("a line of another process", logged).await;

    // What is in one process alone is said to be.
    let verify = launched.plan.run(&["verify"]);
    let said = String::from_utf8_lossy(&verify.stderr);
    assert!(!verify.status.success() && said.contains("stores.neo4j"), "{said}");

    // A session that ends in one process has ended in all.
    assert_eq!(running.status("/api/v1/jobs").await, 200);
    assert_eq!(running.try_post("/api/v1/users/logout", &json!({})).await.status(), 204);
    assert_eq!(running.status("/api/v1/jobs").await, 401);

    let pids = launched.pids();
    assert_eq!(pids.len(), 18);
    let down = launched.run(&["down", "--json"]);
    let stopped: Vec<&str> = down["services"].as_array().unwrap().iter().map(|service| service.as_str().unwrap()).collect();
    assert_eq!(stopped.len(), 18, "{down}");
    let place = |service: &str| stopped.iter().position(|one| *one == service).unwrap();
    for node in graph["services"].as_array().unwrap() {
        for need in node["needs"].as_array().unwrap() {
            assert!(place(node["service"].as_str().unwrap()) < place(need.as_str().unwrap()), "{down}");
        }
    }
    assert!(launched.running.ended_well());
    assert!(pids.iter().all(|pid| test_kill_process(*pid).is_err()), "no process is left");
    assert!(!launched.plan.data.join("looma.pid").exists() && !launched.plan.data.join("run/looma.sock").exists());
}

#[tokio::test]
async fn whoever_is_killed_comes_back() {
    let mut launched = Launched::start().await;
    for service in SERVICES {
        let before = launched.services()[service]["pid"].as_u64().unwrap();
        kill_process(pid(before), Signal::KILL).unwrap();
        let after = launched.until(service, |now| now["phase"] == "ready" && now["pid"].as_u64() != Some(before)).await;
        assert_eq!(after["restarts"], 1, "{service}: {after}");
    }
    let again = launched.plan.run(&["restart", "company"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(launched.services()["company"]["restarts"], 1, "one that was asked for is not counted");
    let logs = launched.plan.run(&["logs", "company"]);
    assert!(String::from_utf8_lossy(&logs.stdout).contains("it was ended by signal 9"), "{}", String::from_utf8_lossy(&logs.stdout));
    assert_eq!(launched.running.status("/api/v1/companies").await, 200);

    // In order when told by a signal, too.
    let pids = launched.pids();
    kill_process(pid(launched.running.pid().into()), Signal::TERM).unwrap();
    assert!(launched.running.ended_well());
    assert!(pids.iter().all(|pid| test_kill_process(*pid).is_err()), "no process is left");
}

#[tokio::test]
async fn a_killed_launcher_leaves_nothing_and_the_next_one_starts_at_once() {
    let mut launched = Launched::start().await;
    let pids = launched.pids();
    launched.running.kill();
    assert_eq!(launched.run(&["down", "--json"])["stopped"], false, "a note of the dead is not believed");
    launched.running = launched.plan.begin(&["up", "--processes", "--json"]);
    launched.report().await;
    launched.running.sign_in().await;
    launched.are_gone(&pids).await;
    assert_eq!(launched.running.status("/api/v1/companies").await, 200);
}

#[tokio::test]
async fn a_crash_loop_ends_and_the_rest_goes_on() {
    let launched = Launched::start().await;
    let taken = launched.take_port("skill").await;
    let failed = launched.until("skill", |now| now["phase"] == "failed").await;
    assert!(failed["problem"].as_str().unwrap().contains("exit code 1"), "{failed}");
    assert_eq!(launched.running.status("/api/v1/companies").await, 200);
    assert_eq!(launched.running.status("/api/v1/skills").await, 503);
    let status = launched.plan.run(&["status"]);
    assert!(!status.status.success() && String::from_utf8_lossy(&status.stdout).contains("17 of 18 up"));

    taken.abort();
    let _ = taken.await;
    let again = launched.plan.run(&["restart", "skill"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    let ready = async || (launched.running.status("/api/v1/skills").await == 200).then_some(());
    launched.running.until("the breaker closes", ready).await;
}

#[tokio::test]
async fn without_a_critical_service_all_ends() {
    let mut launched = Launched::start().await;
    let pids = launched.pids();
    let _taken = launched.take_port("user").await;
    assert!(!launched.running.ended_well());
    let said = std::fs::read_to_string(launched.plan.data.join("looma.log")).unwrap();
    assert!(said.contains("nothing works without it"), "{said}");
    launched.are_gone(&pids).await;
}
