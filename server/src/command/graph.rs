//! `looma graph`: what depends on what.

use super::{Common, say};
use crate::launcher::plan::Plan;
use clap::ValueEnum;
use looma_types::ServiceName;
use looma_types::monitor::{DependencyGraph, DependencyNode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    Text,
    Dot,
    Mermaid,
    Svg,
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
        Format::Svg => svg(graph),
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

/// Columns by what must be ready first, lines from each to what it needs.
fn svg(graph: &DependencyGraph) -> String {
    const WIDTH: usize = 150;
    const HEIGHT: usize = 34;
    let nodes = graph.services.iter().map(|node| (node.service, node.needs.clone()));
    // The services' own graph has no cycle: a test of the plan says so.
    let levels = Plan::new(nodes).map(|plan| plan.levels()).unwrap_or_default();
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    let mut places: BTreeMap<ServiceName, (usize, usize)> = BTreeMap::new();
    for (service, level) in levels {
        let row = rows.entry(level).or_default();
        places.insert(service, (20 + level * (WIDTH + 70), 20 + *row * (HEIGHT + 14)));
        *row += 1;
    }
    let (columns, most) = (rows.len(), rows.values().copied().max().unwrap_or_default());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" font-size=\"13\">\n",
        columns * (WIDTH + 70) - 30,
        most * (HEIGHT + 14) + 26
    );
    svg += &edges(graph, |from, to| {
        let ((x, y), (to_x, to_y)) = (places[&from], places[&to]);
        let (y, to_x, to_y) = (y + HEIGHT / 2, to_x + WIDTH, to_y + HEIGHT / 2);
        let middle = usize::midpoint(x, to_x);
        format!("  <path d=\"M{x} {y} C{middle} {y} {middle} {to_y} {to_x} {to_y}\" fill=\"none\" stroke=\"#94a3b8\"/>\n")
    });
    for node in &graph.services {
        let (x, y) = places[&node.service];
        let (middle, baseline) = (x + WIDTH / 2, y + 22);
        let _ = writeln!(
            svg,
            "  <rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\" fill=\"#f1f5f9\" stroke=\"#475569\"/>\n  \
             <text x=\"{middle}\" y=\"{baseline}\" text-anchor=\"middle\">{} {}</text>",
            node.service, node.port
        );
    }
    svg + "</svg>"
}

fn edges(graph: &DependencyGraph, line: impl Fn(ServiceName, ServiceName) -> String) -> String {
    graph.services.iter().flat_map(|node| node.needs.iter().map(|need| line(node.service, *need)).collect::<Vec<_>>()).collect()
}
