//! Two copies of everything behind one gateway, on the same engines: one system, whichever copy answers.

use crate::engines::{ENGINES, a_day, import, namespace, on, url};
use crate::proxy::{Proxy, Weather};
use crate::running::{Plan, Running, SERVICES};
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

/// Two processes with all services but the gateway, and one with the gateway alone that knows both.
struct Copies {
    _folders: Vec<tempfile::TempDir>,
    plans: Vec<Plan>,
    running: Vec<Running>,
    door: Running,
    proxies: Vec<(&'static str, Proxy)>,
}

impl Copies {
    /// Every engine behind a proxy.
    async fn start() -> Self {
        let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        let space = namespace();
        let mut proxies = Vec::new();
        let mut plans: Vec<Plan> = folders.iter().map(|folder| Plan::new(folder.path())).collect();
        for engine in ENGINES {
            let address = url(engine);
            let target = url::Url::parse(&address).unwrap();
            let proxy = Proxy::to(&format!("{}:{}", target.host_str().unwrap(), target.port().unwrap())).await;
            plans = plans.into_iter().map(|plan| on(plan, engine, &proxy.instead_of(&address), &space)).collect();
            proxies.push((engine, proxy));
        }
        let door = plans.pop().unwrap();
        // Started at the same moment: one migrates and makes the first administrator, the other waits.
        let running: Vec<Running> = plans.iter().map(|plan| plan.begin(&["up", "--skip-gateway"])).collect();
        let mut behind = door.clone();
        for service in &SERVICES[1..] {
            let urls: Vec<String> = plans.iter().map(|plan| format!("\"http://127.0.0.1:{}\"", plan.port(service))).collect();
            behind = behind.with(format!("SERVICES__{}__URLS", service.to_uppercase()), format!("[{}]", urls.join(", ")));
        }
        let door = behind.begin(&["serve", "gateway"]);
        door.is_ready(behind.port("gateway")).await;
        plans.push(behind);
        let mut copies = Self { _folders: folders, plans, running, door, proxies };
        for copy in 0..2 {
            copies.is_ready(copy).await;
        }
        copies.door.sign_in().await;
        copies
    }

    /// Every service of a copy answers.
    async fn is_ready(&self, copy: usize) {
        for service in &SERVICES[1..] {
            self.door.is_ready(self.plans[copy].port(service)).await;
        }
    }

    fn proxy(&self, engine: &str) -> &Proxy {
        &self.proxies.iter().find(|(name, _)| *name == engine).unwrap().1
    }

    /// Compared by one of the copies, which must still run.
    fn no_drift(&self, copy: usize) {
        let verified = self.plans[copy].run(&["verify", "--json"]);
        assert!(verified.status.success(), "{}{}", String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn two_copies_are_one_system() {
    let copies = Copies::start().await;
    let door = &copies.door;
    for _ in 0..3 {
        a_day(door).await;
    }

    // One administrator, one workspace, whichever copy was first.
    assert_eq!(door.get("/api/v1/admin/workspaces").await["items"].as_array().unwrap().len(), 1);

    // A key sent to both copies at once is done once.
    let body = json!({ "name": "Once" });
    let tries = (0..12).map(|_| {
        let request = door.http.post(format!("{}/api/v1/companies", door.gateway)).header("idempotency-key", "the-same").json(&body);
        door.ask(request)
    });
    let mut made = HashSet::new();
    for answer in join_all(tries).await {
        let status = answer.status().as_u16();
        assert!(status == 201 || status == 409, "{status}");
        if status == 201 {
            made.insert(answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(made.len(), 1, "made once, answered the same again");

    // A session that ends on one copy ends on all.
    let mut other = door.another();
    other.sign_in().await;
    for _ in 0..6 {
        assert_eq!(other.status("/api/v1/users/me").await, 200);
    }
    assert_eq!(other.try_post("/api/v1/users/logout", &json!({})).await.status(), 204);
    door.until("the session has ended everywhere", async || {
        let mut ended = true;
        for _ in 0..6 {
            ended &= other.status("/api/v1/users/me").await == 401;
        }
        ended.then_some(())
    })
    .await;

    // Work is shared: every import is done, none twice.
    let people = || async { door.get("/api/v1/search?q=Pile&mode=text&type=person&limit=50").await["items"].as_array().unwrap().len() };
    join_all((0..20).map(|number| import_one(door, number))).await;
    door.until("all are found", async || (people().await == 20).then_some(())).await;

    // A backup lies on one copy's disk: that one is asked for it.
    let backup = done(door, "/api/v1/backups").await;
    let checked = done(door, &format!("/api/v1/backups/{}/verify", backup["id"].as_str().unwrap())).await;
    assert_eq!(checked["verification"]["ok"], true, "{checked}");
    assert_eq!(door.get("/api/v1/backups").await["items"].as_array().unwrap().len(), 1);

    // Long work that one copy does can be asked about at the other.
    done(door, "/api/v1/admin/operations/rebuild/text").await;
    assert_eq!(people().await, 20);
    copies.no_drift(0);
}

/// Begins long work, and waits until it is done.
async fn done(door: &Running, path: &str) -> Value {
    let begun = door.try_post(path, &json!({})).await;
    assert_eq!(begun.status(), 202, "{path}");
    let at = begun.headers()["location"].to_str().unwrap().to_owned();
    let ended = door
        .until(path, async || {
            let work = door.get(&at).await;
            (work["state"] != "running").then_some(work)
        })
        .await;
    assert_eq!(ended["state"], "done", "{ended}");
    ended
}

async fn import_one(door: &Running, number: usize) {
    import(door, &format!("Pile {number}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the engines: make test-engines"]
async fn a_copy_may_die_and_the_net_may_break() {
    let mut copies = Copies::start().await;
    a_day(&copies.door).await;
    let mut made = Vec::new();
    let mut refused = 0;
    for number in 0..240 {
        match number {
            40 => copies.running[0].kill(),
            80 => copies.proxy("elasticsearch").set(Weather::Cut),
            100 => copies.proxy("postgres").set(Weather::Slow(Duration::from_millis(20))),
            120 => copies.proxy("postgres").set(Weather::Cut),
            121 => copies.proxy("postgres").set(Weather::Fine),
            140 => copies.proxy("redis").set(Weather::Cut),
            160 => copies.proxy("elasticsearch").set(Weather::Fine),
            180 => copies.proxy("redis").set(Weather::Fine),
            200 => copies.running[0] = copies.plans[0].begin(&["up", "--skip-gateway"]),
            _ => {}
        }
        let answer = copies.door.try_post("/api/v1/people", &json!({ "name": format!("Load {number}") })).await;
        match answer.status().as_u16() {
            201 => made.push(answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()),
            502..=504 => refused += 1,
            other => panic!("{other}: {}", answer.text().await.unwrap()),
        }
    }
    assert!(refused < 30, "{refused} of 240 were refused");
    copies.is_ready(0).await;
    for id in &made {
        assert_eq!(copies.door.status(&format!("/api/v1/people/{id}")).await, 200, "{id} was answered and is lost");
    }
    a_day(&copies.door).await;
    copies.no_drift(1);
}
