//! Which of our ports are taken, by whom, and which are free instead.

use looma_kernel::Settings;
use looma_types::ServiceName;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fmt::{Display, Formatter};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

/// Ports move in steps as wide as our groups of them (9000 to 9009), so that a copy's ports are like the first one's.
const STEP: u16 = 10;

/// The process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owner {
    pub pid: u32,
    pub command: String,
}

/// A port of ours that cannot be listened on.
#[derive(Debug, Serialize)]
pub struct Taken {
    pub service: ServiceName,
    pub address: SocketAddr,
    pub reason: String,
    /// Unknown where the system does not tell: other users' processes, most often.
    pub owner: Option<Owner>,
}

impl Display for Taken {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { service, address, reason, owner } = self;
        match owner {
            Some(Owner { pid, command }) => write!(f, "{service}: {address} is taken by process {pid} ({command}).")?,
            None => write!(f, "{service}: cannot listen on {address}: {reason}.")?,
        }
        write!(f, " Stop it, or set {}.", key(*service))
    }
}

/// The variable that sets a service's port.
pub fn key(service: ServiceName) -> String {
    format!("LOOMA__SERVICES__{}__PORT", service.as_str().to_uppercase())
}

fn refused(settings: &Settings, port: u16) -> Option<std::io::Error> {
    TcpListener::bind(SocketAddr::new(settings.host, port)).err()
}

/// Every port of these services that cannot be listened on.
pub fn taken(settings: &Settings, services: &[ServiceName]) -> Vec<Taken> {
    let look = |service: &ServiceName| {
        let address = SocketAddr::new(settings.host, settings.port(*service));
        let reason = refused(settings, address.port())?.to_string();
        Some(Taken { service: *service, address, reason, owner: owner(address.port()) })
    };
    services.iter().filter_map(look).collect()
}

/// Other ports for all services, each as far from its own as the others from theirs, such that these are free.
pub fn next_free(settings: &Settings, services: &[ServiceName]) -> Option<BTreeMap<ServiceName, u16>> {
    for step in (STEP..u16::MAX).step_by(usize::from(STEP)) {
        let moved: Option<BTreeMap<ServiceName, u16>> =
            ServiceName::ALL.into_iter().map(|service| Some((service, settings.port(service).checked_add(step)?))).collect();
        let moved = moved?;
        if services.iter().all(|service| refused(settings, moved[service]).is_none()) {
            return Some(moved);
        }
    }
    None
}

/// Makes these the services' ports.
pub fn set(settings: &mut Settings, ports: &BTreeMap<ServiceName, u16>) {
    for (service, port) in ports {
        settings.services.entry(service.to_string()).or_default().port = Some(*port);
    }
}

/// Who listens on a port: from Linux's process files, else from `lsof` where it is there.
pub fn owner(port: u16) -> Option<Owner> {
    if Path::new("/proc/net/tcp").exists() { from_proc(port) } else { from_lsof(port) }
}

fn from_proc(port: u16) -> Option<Owner> {
    let sockets: HashSet<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(|line| listener(line, port)).collect::<Vec<_>>())
        .collect();
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let mut ours = processes.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())));
    let (pid, folder) = ours.find(|(_, folder): &(u32, _)| {
        let files = std::fs::read_dir(folder.join("fd")).into_iter().flatten().flatten();
        files.filter_map(|file| std::fs::read_link(file.path()).ok()).any(|target| sockets.contains(&*target.to_string_lossy()))
    })?;
    let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
    let command = String::from_utf8_lossy(&line).split('\0').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    Some(Owner { pid, command })
}

/// A line of `/proc/net/tcp` (proc_pid_net(5)), where it is of a socket that listens on the port: what a file descriptor of it points to.
fn listener(line: &str, port: u16) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (_, local) = fields.get(1)?.rsplit_once(':')?;
    let listens = *fields.get(3)? == "0A" && u16::from_str_radix(local, 16) == Ok(port);
    listens.then(|| fields.get(9).map(|inode| format!("socket:[{inode}]"))).flatten()
}

fn from_lsof(port: u16) -> Option<Owner> {
    let found = Command::new("lsof").args(["-nP", &format!("-iTCP:{port}"), "-sTCP:LISTEN", "-Fp"]).output().ok()?;
    let pid: u32 = String::from_utf8_lossy(&found.stdout).lines().find_map(|line| line.strip_prefix('p')?.parse().ok())?;
    let told = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok();
    let command = told.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned()).unwrap_or_default();
    Some(Owner { pid, command })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_its_owner_and_how_to_change_it() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let mut settings = Settings::default();
        set(&mut settings, &BTreeMap::from([(ServiceName::Ai, port)]));
        let taken = taken(&settings, &[ServiceName::Ai]);
        let said = taken[0].to_string();
        assert!(said.contains(&format!("127.0.0.1:{port}")) && said.contains("LOOMA__SERVICES__AI__PORT"), "{said}");
        if cfg!(target_os = "linux") {
            assert_eq!(taken[0].owner.as_ref().unwrap().pid, std::process::id(), "{said}");
            assert!(said.contains(&std::env::args().next().unwrap()), "{said}");
        }
    }

    #[test]
    fn all_move_by_the_same() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let mut settings = Settings::default();
        // Below those that outgoing connections get.
        set(&mut settings, &BTreeMap::from([(ServiceName::Ai, port), (ServiceName::Job, 15_321)]));
        if port < u16::MAX - 10_000 {
            let moved = next_free(&settings, &[ServiceName::Ai, ServiceName::Job]).unwrap();
            let by = moved[&ServiceName::Ai] - port;
            assert!(by > 0 && by.is_multiple_of(STEP));
            assert!(ServiceName::ALL.iter().all(|service| moved[service] == settings.port(*service) + by));
        }
    }

    #[test]
    fn lines_of_the_system_are_read() {
        let line = "   0: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 48213 1 0000 100 0 0 10 0";
        assert_eq!(listener(line, 9000).as_deref(), Some("socket:[48213]"));
        assert_eq!(listener(line, 9001), None);
        assert_eq!(listener(&line.replace(" 0A ", " 01 "), 9000), None);
        assert_eq!(listener("  sl  local_address rem_address   st", 9000), None);
    }
}
