//! The form in which search and the graph know a project.

use looma_kernel::types::project::Project;
use looma_kernel::types::{ProjectId, Ref, WorkspaceId};
use looma_store::{Projected, ProjectedEdge};
use uuid::Uuid;

/// How strongly members and links are related to their project.
const STRENGTH: f64 = 0.5;

pub(crate) fn projected(workspace: WorkspaceId, project: &Project) -> Projected {
    let fields = &project.fields;
    let milestones: Vec<&str> = fields.milestones.iter().map(|milestone| milestone.name.as_str()).collect();
    let tasks: Vec<&str> = fields.tasks.iter().map(|task| task.title.as_str()).collect();
    let mut projected = Projected::new(workspace, project.id.into(), project.version, &fields.name)
        .searchable()
        .node()
        .text("goal", fields.goal.clone())
        .text("milestones", milestones.join("\n"))
        .text("tasks", tasks.join("\n"))
        .facet("status", [fields.status.as_str()]);
    let record = Ref::from(project.id);
    projected.edges = fields.members.iter().map(|member| edge(project.id, member.record, record, member.record, "member_of")).collect();
    projected.edges.extend(fields.links.iter().map(|link| edge(project.id, record, *link, *link, "about")));
    projected
}

/// An edge between a project and another record; its id is the same in every version and every rebuild.
fn edge(project: ProjectId, from: Ref, to: Ref, other: Ref, kind: &str) -> ProjectedEdge {
    let hash = blake3::hash(format!("{project} {kind} {other}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    // Version 8: an id of our own making, RFC 9562.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    ProjectedEdge { id: Uuid::from_bytes(bytes), from, to, kind: kind.to_owned(), strength: STRENGTH }
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::types::project::{Member, ProjectDraft};
    use looma_kernel::types::{RecordKind, now};
    use std::collections::HashSet;

    #[test]
    fn edges_keep_their_ids_over_versions() {
        let (ann, job) = (Ref::new(RecordKind::Person, Uuid::from_u128(1)), Ref::new(RecordKind::Job, Uuid::from_u128(2)));
        let member = |record| Member { record, role: "lead".into() };
        let fields = ProjectDraft { members: vec![member(ann), member(job)], links: vec![job], ..ProjectDraft::named("Move to Rust") };
        let at = now();
        let first = Project { id: ProjectId::new(), fields, version: 1, created_at: at, updated_at: at };
        let second = Project { version: 2, ..first.clone() };
        let workspace = WorkspaceId(Uuid::nil());
        let edges = projected(workspace, &first).edges;
        assert_eq!(edges, projected(workspace, &second).edges);
        assert_eq!(edges.iter().map(|edge| edge.id).collect::<HashSet<_>>().len(), 3);
        assert_eq!((edges[0].from, edges[0].kind.as_str()), (ann, "member_of"));
        assert_eq!((edges[2].to, edges[2].kind.as_str()), (job, "about"));
        assert_eq!(edges[0].id.get_version_num(), 8);
    }
}
