//! `looma graph`: what depends on what.

use super::{Common, say};
use clap::ValueEnum;
use looma_types::ServiceName;
use looma_types::monitor::{DependencyGraph, DependencyNode};
use std::process::ExitCode;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    Text,
    Dot,
    Mermaid,
}

pub(super) fn graph(common: &Common, format: Format) -> anyhow::Result<ExitCode> {
    let settings = common.settings()?;
    let services = ServiceName::ALL
        .into_iter()
        .map(|service| DependencyNode { service, port: settings.port(service), needs: service.needs().to_vec() })
        .collect();
    say(common, &DependencyGraph { services }, |graph| match format {
        Format::Text => text(graph),
        Format::Dot => format!("digraph looma {{\n{}}}", edges(graph, |from, to| format!("  \"{from}\" -> \"{to}\";\n"))),
        Format::Mermaid => format!("graph LR\n{}", edges(graph, |from, to| format!("  {from} --> {to}\n"))),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn text(graph: &DependencyGraph) -> String {
    let line = |node: &DependencyNode| {
        let needs: Vec<_> = node.needs.iter().map(|need| need.as_str()).collect();
        let needs = if needs.is_empty() { "nothing".to_owned() } else { needs.join(", ") };
        format!("{:<14}{:>6}  needs {needs}\n", node.service.as_str(), node.port)
    };
    graph.services.iter().map(line).collect()
}

fn edges(graph: &DependencyGraph, line: impl Fn(ServiceName, ServiceName) -> String) -> String {
    graph.services.iter().flat_map(|node| node.needs.iter().map(|need| line(node.service, *need)).collect::<Vec<_>>()).collect()
}
