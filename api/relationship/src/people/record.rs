//! The form in which search and the graph know a person.

use looma_kernel::types::WorkspaceId;
use looma_kernel::types::person::Person;
use looma_store::Projected;

pub(crate) fn projected(workspace: WorkspaceId, person: &Person) -> Projected {
    let fields = &person.fields;
    let names: Vec<&str> = fields.names.iter().map(|name| name.value.as_str()).collect();
    let mut projected = Projected::new(workspace, person.id.into(), person.version, &fields.name)
        .searchable()
        .node()
        .text("names", names.join("\n"))
        .text("headline", fields.headline.clone().unwrap_or_default())
        .text("location", fields.location.clone().unwrap_or_default())
        .text("tags", fields.tags.join(" "))
        .text("emails", fields.emails.join(" "))
        .facet("tag", fields.tags.clone())
        .facet("location", fields.location.clone())
        .facet("owner", fields.owner_id.map(|owner| owner.to_string()));
    projected.subtitle.clone_from(&fields.headline);
    projected
}
