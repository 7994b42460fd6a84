//! Memory and processor time of this process, as metrics with the names Prometheus gives them.

use looma_kernel::Kernel;
use std::time::Duration;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Looks at this process.
pub(crate) struct Process {
    /// None where the operating system does not tell.
    seen: Option<(System, Pid)>,
}

impl Process {
    pub fn new() -> Self {
        Self { seen: System::new().ok().zip(sysinfo::get_current_pid().ok()) }
    }

    /// Reads the process's numbers and puts them among its metrics.
    pub fn report(&mut self) {
        let Some((system, id)) = &mut self.seen else { return };
        let what = ProcessRefreshKind::nothing().with_memory().with_cpu();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[*id]), false, what);
        if let Some(process) = system.process(*id) {
            metrics::gauge!("process_resident_memory_bytes").set(process.memory() as f64);
            metrics::gauge!("process_cpu_seconds_total").set(process.accumulated_cpu_time() as f64 / 1000.0);
        }
    }
}

/// Reports this process's memory and processor time every ten seconds; for processes that do not host the monitor,
/// which does so itself.
pub fn report(kernel: &Kernel) {
    kernel.spawn(|mut stop| async move {
        let mut process = Process::new();
        loop {
            process.report();
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(Duration::from_secs(10)) => {}
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory() {
        let mut process = Process::new();
        process.report();
        let (system, id) = process.seen.unwrap();
        let memory = system.process(id).unwrap().memory();
        assert!((1 << 20..1 << 40).contains(&memory), "{memory} bytes");
    }
}
