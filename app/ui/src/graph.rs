//! People and organisations as a picture: nodes and edges in SVG, each node a link that the keyboard reaches.

use crate::class;
use leptos::prelude::*;
use std::collections::{HashMap, VecDeque};
use std::f64::consts::TAU;

/// A record in the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphNode {
    pub id: String,
    pub label: String,
    pub href: String,
    /// Drawn as a rectangle instead of a circle: companies, projects.
    pub square: bool,
    /// Drawn in the accent: where a path begins and ends, the centre of a network.
    pub main: bool,
}

/// A relationship in the picture, by node ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphEdge {
    pub from: String,
    pub to: String,
    pub label: String,
    pub strong: bool,
}

const WIDTH: f64 = 880.0;
/// The space of one node of a path.
const STEP: f64 = 130.0;

/// Draws the graph around `center`, rings by distance; with `line` the nodes stand in their order from left to
/// right, as a path. Put a list beside it: not everyone sees a picture.
#[component]
pub fn GraphView(
    nodes: Vec<GraphNode>,
    edges: Vec<GraphEdge>,
    #[prop(optional, into)] center: String,
    #[prop(optional)] line: bool,
    #[prop(into)] label: String,
) -> impl IntoView {
    // A short path fits a small screen at its full size.
    let width = if line { STEP * nodes.len().max(2) as f64 } else { WIDTH };
    let height = if line { 150.0 } else { 520.0 };
    let class = match (line, nodes.len() > 3) {
        (false, _) => class!("graph"),
        (true, false) => class!("graph graph-line"),
        (true, true) => class!("graph graph-line graph-wide"),
    };
    let places = if line { in_line(&nodes, width, height) } else { in_rings(&nodes, &edges, &center, height) };
    let lines = edges
        .iter()
        .filter_map(|edge| {
            let ((x1, y1), (x2, y2)) = (*places.get(edge.from.as_str())?, *places.get(edge.to.as_str())?);
            let class = if edge.strong { class!("graph-edge graph-edge-strong") } else { class!("graph-edge") };
            Some(view! {
                <g>
                    <line class=class x1=px(x1) y1=px(y1) x2=px(x2) y2=px(y2)></line>
                    <text class="graph-edge-label" x=px(f64::midpoint(x1, x2)) y=px(f64::midpoint(y1, y2) - 6.0)>{edge.label.clone()}</text>
                </g>
            })
        })
        .collect_view();
    let marks = nodes
        .into_iter()
        .filter_map(|node| {
            let (x, y) = *places.get(node.id.as_str())?;
            let class = if node.main { class!("graph-node graph-node-main") } else { class!("graph-node") };
            let mark = node.label.chars().next().unwrap_or('?').to_uppercase().to_string();
            let shape = if node.square {
                view! { <rect x=px(x - 16.0) y=px(y - 16.0) width="32" height="32" rx="7"></rect> }.into_any()
            } else {
                view! { <circle cx=px(x) cy=px(y) r="16"></circle> }.into_any()
            };
            Some(view! {
                <a class=class href=node.href aria-label=node.label.clone()>
                    {shape}
                    <text class="graph-mark" x=px(x) y=px(y + 4.0)>{mark}</text>
                    <text x=px(x) y=px(y + 33.0)>{short(&node.label)}</text>
                </a>
            })
        })
        .collect_view();
    view! {
        <div class="graph-box">
            <svg viewBox=format!("0 0 {width} {height}") role="group" aria-label=label class=class>{lines}{marks}</svg>
        </div>
    }
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}

fn short(label: &str) -> String {
    if label.chars().count() <= 18 { label.to_owned() } else { label.chars().take(17).chain(['…']).collect() }
}

type Places = HashMap<String, (f64, f64)>;

fn in_line(nodes: &[GraphNode], width: f64, height: f64) -> Places {
    let gap = width / nodes.len().max(1) as f64;
    nodes.iter().enumerate().map(|(index, node)| (node.id.clone(), (gap * (index as f64 + 0.5), height / 2.0 - 8.0))).collect()
}

/// Rings by breadth-first distance from the centre. Each ring keeps the order in which its nodes were reached,
/// so that what belongs together stands together.
fn in_rings(nodes: &[GraphNode], edges: &[GraphEdge], center: &str, height: f64) -> Places {
    let mut neighbours: HashMap<&str, Vec<&str>> = HashMap::new();
    for edge in edges {
        neighbours.entry(&edge.from).or_default().push(&edge.to);
        neighbours.entry(&edge.to).or_default().push(&edge.from);
    }
    let start = nodes.iter().find(|node| node.id == center).or(nodes.first());
    let mut depth: HashMap<&str, usize> = HashMap::new();
    let mut rings: Vec<Vec<&str>> = Vec::new();
    let mut queue: VecDeque<(&str, usize)> = start.map(|node| (node.id.as_str(), 0)).into_iter().collect();
    while let Some((id, distance)) = queue.pop_front() {
        if depth.contains_key(id) {
            continue;
        }
        depth.insert(id, distance);
        rings.resize(rings.len().max(distance + 1), Vec::new());
        rings[distance].push(id);
        queue.extend(neighbours.get(id).into_iter().flatten().map(|next| (*next, distance + 1)));
    }
    let alone: Vec<&str> = nodes.iter().map(|node| node.id.as_str()).filter(|id| !depth.contains_key(id)).collect();
    if !alone.is_empty() {
        rings.push(alone);
    }
    let outer = rings.len().saturating_sub(1).max(1) as f64;
    let mut places = Places::new();
    for (ring, ids) in rings.iter().enumerate() {
        let share = ring as f64 / outer;
        let (rx, ry) = (share * (WIDTH / 2.0 - 80.0), share * (height / 2.0 - 50.0));
        for (index, id) in ids.iter().enumerate() {
            let angle = TAU * (index as f64 + 0.5 * (ring % 2) as f64) / ids.len() as f64 - TAU / 4.0;
            places.insert((*id).to_owned(), (rx.mul_add(angle.cos(), WIDTH / 2.0), ry.mul_add(angle.sin(), height / 2.0 - 8.0)));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str) -> GraphNode {
        GraphNode { id: id.into(), label: id.into(), href: String::new(), square: false, main: false }
    }

    #[test]
    fn rings_follow_the_distance_and_place_everything_inside_the_box() {
        let edge = |from: &str, to: &str| GraphEdge { from: from.into(), to: to.into(), label: String::new(), strong: false };
        let nodes = ["a", "b", "c", "d", "lonely"].map(node);
        let places = in_rings(&nodes, &[edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("c", "d")], "a", 520.0);
        assert_eq!(places.len(), 5);
        assert_eq!(places["a"], (WIDTH / 2.0, 252.0));
        assert!(places.values().all(|(x, y)| (0.0..=WIDTH).contains(x) && (0.0..=520.0).contains(y)));
        assert_eq!(in_rings(&[], &[], "", 520.0).len(), 0);
    }
}
