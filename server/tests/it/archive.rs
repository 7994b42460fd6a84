//! Everything moves from one data folder into another by the command line, and nothing that is not whole does.

use crate::engines::{import, plan_on};
use crate::running::Plan;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

fn run(data: &Path, arguments: &[&str]) -> Output {
    Plan::new(data).run(arguments)
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(output: &Output, reason: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains(reason), "{reason}: {told}");
}

#[test]
fn everything_moves_in_one_file() {
    let top = tempfile::tempdir().unwrap();
    let path = |name: &str| top.path().join(name);
    for folder in ["from", "to", "cut", "none"] {
        fs::create_dir(path(folder)).unwrap();
    }
    let file = path("all.looma");
    let name = file.to_str().unwrap();
    refused(&run(&path("none"), &["export", name]), "holds no data");
    assert!(run(&path("from"), &["admin", "create", "--email", "ann@example.com"]).status.success());

    let exported = json(&run(&path("from"), &["export", name, "--json"]));
    assert!(exported["rows"].as_u64().unwrap() > 3, "{exported}");
    refused(&run(&path("from"), &["export", name]), "is there already");
    assert!(run(&path("from"), &["export", name, "--force"]).status.success());

    let whole = fs::read(&file).unwrap();
    fs::write(path("cut.looma"), &whole[..whole.len() / 2]).unwrap();
    refused(&run(&path("cut"), &["import", path("cut.looma").to_str().unwrap()]), "cut off");

    let imported = json(&run(&path("to"), &["import", name, "--json"]));
    assert_eq!(imported["summary"], exported["summary"]);
    refused(&run(&path("to"), &["import", name]), "empty stores only");
    let same = json(&run(&path("to"), &["export", "--check", name, "--json"]));
    assert_eq!((&same["summary"], &same["differences"]), (&exported["summary"], &serde_json::json!([])));
    assert!(run(&path("to"), &["admin", "create", "--email", "bo@example.com"]).status.success());
    let other = run(&path("to"), &["export", "--check", name]);
    assert!(!other.status.success() && String::from_utf8_lossy(&other.stdout).contains("DIFFERS from the archive: rows/account"));

    let piped = run(&path("to"), &["export", "-"]);
    fs::write(path("piped.looma"), &piped.stdout).unwrap();
    assert!(run(&path("to"), &["export", "--check", path("piped.looma").to_str().unwrap()]).status.success());

    let backup = json(&run(&path("to"), &["backup", "--json"]));
    let folder = path("to").join("backups").join(backup["id"].as_str().unwrap());
    assert!(run(&path("to"), &["restore", folder.to_str().unwrap(), path("again").to_str().unwrap()]).status.success());
    assert!(run(&path("again"), &["export", "--check", path("piped.looma").to_str().unwrap()]).status.success());
}

#[tokio::test]
async fn a_running_system_is_backed_up_but_not_exported() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::new(folder.path());
    let running = plan.up().await;
    let file = folder.path().join("all.looma");
    refused(&plan.run(&["export", file.to_str().unwrap()]), "is in use by process");
    refused(&plan.run(&["import", file.to_str().unwrap()]), "is in use by process");
    let backup = json(&plan.run(&["backup", "--json"]));
    assert_eq!(backup["state"], "done");
    drop(running);
    let again = folder.path().join("again");
    let made = folder.path().join("backups").join(backup["id"].as_str().unwrap());
    assert!(plan.run(&["restore", made.to_str().unwrap(), again.to_str().unwrap()]).status.success());
    let restored = Plan::new(&again).up().await;
    drop(restored);
}

#[tokio::test]
#[ignore = "needs the engines: make test-engines"]
async fn engines_hold_the_same_as_embedded_stores() {
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let (from, back) = (Plan::new(folders[0].path()), Plan::new(folders[2].path()));
    let over = plan_on(&folders[1], &crate::engines::ENGINES);
    let file = |name: &str| folders[0].path().join(name).display().to_string();
    let (first, second) = (file("first.looma"), file("second.looma"));
    let running = from.up().await;
    import(&running, "Ann Li").await;
    drop(running);
    assert!(from.run(&["demo"]).status.success());
    let exported = json(&from.run(&["export", &first, "--json"]));
    assert!(exported["documents"].as_u64().unwrap() > 0 && exported["blobs"].as_u64().unwrap() > 0, "{exported}");
    json(&over.run(&["import", &first, "--json"]));
    let moved = json(&over.run(&["export", &second, "--json"]));
    assert_eq!(moved["summary"], exported["summary"]);
    json(&back.run(&["import", &second, "--json"]));
    assert!(back.run(&["export", "--check", &first]).status.success());
    let verified = over.run(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
