//! Ports that are taken are found before anything starts.

use crate::running::{Plan, SERVICES};
use std::net::TcpListener;

/// Ports of which those ten further on are free too, apart from those of all other tests.
fn roomy(plan: &mut Plan) {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut bases = (0..80).map(|group| 11_000 + (std::process::id() as u16 + group) % 80 * 100);
    let base = bases.find(|base| (*base..base + 40).all(free)).unwrap();
    plan.ports = (base..).take(SERVICES.len()).collect();
}

#[tokio::test]
async fn a_taken_port_is_named_and_a_second_copy_finds_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = Plan::new(folder.path());
    roomy(&mut plan);
    let port = plan.port("ai");
    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for arguments in [&["up"][..], &["up", "--processes"]] {
        let refused = plan.run(arguments);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains(&port.to_string()) && said.contains("LOOMA__SERVICES__AI__PORT"), "{said}");
        if cfg!(target_os = "linux") {
            assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
        }
        assert!(!folder.path().join("looma.sqlite").exists(), "nothing was begun");
    }
    let check = plan.run(&["check"]);
    assert!(!check.status.success() && String::from_utf8_lossy(&check.stdout).contains(&format!("FAIL  port {port} (ai)")));

    let mut running = plan.begin(&["up", "--take-next-free"]);
    running.is_ready(plan.port("gateway") + 10).await;
    running.is_ready(port + 10).await;
    // Other commands find it where it is.
    assert!(plan.run(&["ready"]).status.success());
    assert!(plan.run(&["status"]).status.success());
    assert!(plan.run(&["verify"]).status.success());
    assert!(plan.run(&["down"]).status.success());
    assert!(running.ended_well());
    assert!(!folder.path().join("looma.pid").exists());
}
