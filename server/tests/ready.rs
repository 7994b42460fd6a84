//! `looma ready`, which containers are checked with.

use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_service_alone_says_when_it_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let looma = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_looma"));
        command.current_dir(&folder).arg("--data").arg(folder.path()).args(arguments);
        command.env("LOOMA__HOST", "0.0.0.0").env("LOOMA__SERVICES__COMPANY__PORT", port.to_string());
        // Where others find it is not where it is asked: that could be another copy.
        command.env("LOOMA__SERVICES__COMPANY__URL", "http://127.0.0.1:1");
        command
    };
    let ready = || -> Output { looma(&["ready", "company"]).output().unwrap() };

    let before = ready();
    assert!(!before.status.success());
    assert_eq!(String::from_utf8_lossy(&before.stdout), "not ready: company\n");

    let mut serving = Killed(looma(&["serve", "company"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let began = Instant::now();
    while !ready().status.success() {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not become ready");
        assert!(serving.0.try_wait().unwrap().is_none(), "it has ended");
    }
    // The port answers, but for another service.
    let other = looma(&["ready", "user"]).env("LOOMA__SERVICES__USER__PORT", "1").output().unwrap();
    assert!(!other.status.success());
}
