//! What changes the graph in Neo4j: events, and generations that begin, take over and go.

use super::super::space::{self, Statement};
use super::session::Writing;
use super::{Generation, Neo4jGraph};
use crate::outbox::{Event, Position};
use crate::version::{self, Key, Version};
use crate::{Error, Result};
use neo4rs::{BoltList, BoltMap, BoltType, query};
use serde::Deserialize;
use std::collections::HashMap;

/// How many records or edges one statement writes or removes.
const BATCH: usize = 2_000;

const SCHEMA: [&str; 5] = [
    "CREATE CONSTRAINT looma_record IF NOT EXISTS FOR (r:LoomaRecord) REQUIRE r.key IS UNIQUE",
    "CREATE CONSTRAINT looma_graph IF NOT EXISTS FOR (g:LoomaGraph) REQUIRE g.namespace IS UNIQUE",
    "CREATE CONSTRAINT looma_generation IF NOT EXISTS FOR (s:LoomaGeneration) REQUIRE s.name IS UNIQUE",
    "CREATE INDEX looma_edge_owner IF NOT EXISTS FOR ()-[e:LOOMA_EDGE]-() ON (e.owner)",
    "CALL db.awaitIndexes(60)",
];

/// Whoever writes has the graph for itself until the transaction ends: setting a property takes the node's lock.
macro_rules! locked {
    ($rest:literal) => {
        concat!(
            "MERGE (g:LoomaGraph {namespace: $namespace})
             ON CREATE SET g.latest = 1, g.live = $namespace + '/1/', g.dropped = []
             SET g.locked = true WITH g ",
            $rest
        )
    };
}

pub const MOVE_ON: &str = locked!(
    "WHERE $only IS NULL OR $only IN [g.live, g.beside]
     MERGE (s:LoomaGeneration {name: coalesce($only, g.live)}) ON CREATE SET s.position = 0
     SET s.position = CASE WHEN $upto > s.position THEN $upto ELSE s.position END
     RETURN s.name AS generation"
);
const BEGIN_ANEW: &str = locked!(
    "WITH g, g.latest + 1 AS latest
     SET g.dropped = g.dropped + g.live, g.latest = latest, g.live = $namespace + '/' + latest + '/'
     RETURN g.live AS generation"
);
const BEGIN_BESIDE: &str = locked!(
    "WITH g, g.latest + 1 AS latest
     SET g.dropped = g.dropped + coalesce(g.beside, []), g.latest = latest, g.beside = $namespace + '/' + latest + '/'
     RETURN g.beside AS generation"
);
/// The same again changes nothing.
const PUT_IN_PLACE: &str = locked!(
    "WHERE $beside IN [g.live, g.beside]
     SET g.dropped = g.dropped + CASE WHEN g.live = $beside THEN [] ELSE g.live END,
         g.live = $beside,
         g.beside = CASE WHEN g.beside = $beside THEN null ELSE g.beside END
     RETURN g.live AS generation"
);
const EMPTIED: &str = "MATCH (s:LoomaGeneration {name: $generation}) SET s.position = 0 RETURN s.name AS generation";

const DROPPED: &str = "MATCH (g:LoomaGraph {namespace: $namespace}) UNWIND g.dropped AS generation RETURN generation";
const REMOVE_SOME: &str = "MATCH (r:LoomaRecord) WHERE r.key STARTS WITH $generation WITH r LIMIT $most
     DETACH DELETE r RETURN count(*) AS removed";
const REMOVED: &str = locked!(
    "SET g.dropped = [name IN g.dropped WHERE name <> $generation]
     WITH g MATCH (s:LoomaGeneration {name: $generation}) DELETE s
     RETURN g.live AS generation"
);

const HELD: &str = "UNWIND $keys AS key MATCH (r:LoomaRecord {key: key}) WHERE r.version IS NOT NULL
     RETURN substring(key, size($generation)) AS key, r.version AS version, r.lives AS lives";
const STATE: &str = "UNWIND $rows AS row MERGE (r:LoomaRecord {key: row.key})
     SET r.record = row.record, r.version = row.version, r.lives = row.lives, r.label = row.label";
const TAKE_BACK: &str = "UNWIND $owners AS owner MATCH ()-[e:LOOMA_EDGE]->() WHERE e.owner = owner DELETE e";
const JOIN: &str = "UNWIND $rows AS row
     MERGE (a:LoomaRecord {key: row.space + row.from}) ON CREATE SET a.record = row.from
     MERGE (b:LoomaRecord {key: row.space + row.to}) ON CREATE SET b.record = row.to
     CREATE (a)-[:LOOMA_EDGE {owner: row.owner, id: row.id, kind: row.kind, strength: row.strength}]->(b)";

#[derive(Deserialize)]
struct Held {
    key: String,
    version: i64,
    lives: bool,
}

#[derive(Deserialize)]
struct Removed {
    removed: u64,
}

type Change = (Key, Version, Option<Statement>);

/// A record's key within a generation.
fn local((workspace, record): &Key) -> String {
    format!("{workspace}/{record}")
}

fn map<const N: usize>(pairs: [(&str, BoltType); N]) -> BoltType {
    BoltType::Map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect::<BoltMap>())
}

fn list(values: impl Iterator<Item = BoltType>) -> BoltType {
    BoltType::List(values.collect::<BoltList>())
}

impl Neo4jGraph {
    async fn prepared(&self) -> Result<()> {
        let define = async || {
            for statement in SCHEMA {
                self.session.define(statement).await?;
            }
            Ok(())
        };
        self.schema.get_or_try_init(define).await.copied()
    }

    /// Writes what takes effect of events, and the position, in one transaction.
    pub async fn write(&self, events: &[Event], upto: Position) -> Result<()> {
        self.prepared().await?;
        let changes: Vec<Change> = events.iter().filter_map(space::change).collect();
        Box::pin(self.session.door.ask_again("apply", || self.try_write(&changes, upto))).await
    }

    async fn try_write(&self, changes: &[Change], upto: Position) -> Result<()> {
        let mut writing = self.session.begin().await?;
        let written = self.write_in(&mut writing, changes, upto).await;
        writing.end(written).await
    }

    async fn write_in(&self, writing: &mut Writing<'_>, changes: &[Change], upto: Position) -> Result<()> {
        let moved = writing.rows::<Generation>(self.about(MOVE_ON).param("upto", upto)).await?;
        let Some(Generation { generation }) = moved.into_iter().next() else { return Err(dropped()) };
        let held = held(writing, &generation, changes).await?;
        let changes = changes.iter().map(|(key, version, statement)| (*key, *version, statement));
        let effective = version::effective(changes, |key| held.get(&local(key)).copied());
        for changes in effective.chunks(BATCH) {
            state(writing, &generation, &held, changes).await?;
        }
        Ok(())
    }

    /// An empty generation beside the live one.
    pub async fn begin_beside(&self) -> Result<String> {
        self.prepared().await?;
        let begun = self.session.write::<Generation>("beside", &self.about(BEGIN_BESIDE)).await?;
        self.sweep().await;
        begun.into_iter().next().map(|begun| begun.generation).ok_or_else(dropped)
    }

    /// Makes what was filled beside the live one.
    pub async fn put_in_place(&self, beside: &str) -> Result<()> {
        let done = self.session.write::<Generation>("switch", &self.about(PUT_IN_PLACE).param("beside", beside)).await?;
        self.sweep().await;
        done.first().map(|_| ()).ok_or_else(dropped)
    }

    /// An empty generation is live at once; one that is being filled is emptied.
    pub async fn begin_anew(&self) -> Result<()> {
        self.prepared().await?;
        if let Some(generation) = &self.only {
            self.remove(generation).await?;
            let emptied = query(EMPTIED).param("generation", generation.as_str());
            return self.session.write::<Generation>("clear", &emptied).await.map(|_| ());
        }
        self.session.write::<Generation>("clear", &self.about(BEGIN_ANEW)).await?;
        self.sweep().await;
        Ok(())
    }

    /// Removes what nobody reads any more. What is left when it fails goes the next time.
    async fn sweep(&self) {
        let sweep = async {
            for Generation { generation } in self.session.read::<Generation>("sweep", &self.about(DROPPED)).await? {
                self.remove(&generation).await?;
                self.session.write::<Generation>("sweep", &self.about(REMOVED).param("generation", generation)).await?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = sweep.await {
            tracing::warn!(%error, "an old generation of the graph is not removed yet");
        }
    }

    async fn remove(&self, generation: &str) -> Result<()> {
        let some = query(REMOVE_SOME).param("generation", generation).param("most", BATCH as i64);
        while self.session.write::<Removed>("sweep", &some).await?.iter().any(|removed| removed.removed > 0) {}
        Ok(())
    }
}

fn dropped() -> Error {
    Error::other("graph", "another rebuild began meanwhile, and what this one filled was dropped")
}

async fn held(writing: &mut Writing<'_>, generation: &str, changes: &[Change]) -> Result<HashMap<String, Version>> {
    let mut held = HashMap::new();
    for changes in changes.chunks(BATCH) {
        let keys = list(changes.iter().map(|(key, ..)| (generation.to_owned() + &local(key)).into()));
        let rows = writing.rows::<Held>(query(HELD).param("keys", keys).param("generation", generation)).await?;
        held.extend(rows.into_iter().map(|row| (row.key, Version { number: row.version, lives: row.lives })));
    }
    Ok(held)
}

/// Writes what records say now, in place of what they said before.
async fn state(
    writing: &mut Writing<'_>,
    generation: &str,
    held: &HashMap<String, Version>,
    changes: &[(Key, Version, &Option<Statement>)],
) -> Result<()> {
    let key = |key: &Key| generation.to_owned() + &local(key);
    let rows = changes.iter().map(|(of, version, statement)| {
        let label = statement.as_ref().and_then(|statement| statement.label.clone());
        map([
            ("key", key(of).into()),
            ("record", of.1.to_string().into()),
            ("version", version.number.into()),
            ("lives", version.lives.into()),
            ("label", label.into()),
        ])
    });
    writing.run(query(STATE).param("rows", list(rows))).await?;

    let spoke_before: Vec<BoltType> =
        changes.iter().filter(|(of, ..)| held.get(&local(of)).is_some_and(|held| held.lives)).map(|(of, ..)| key(of).into()).collect();
    if !spoke_before.is_empty() {
        writing.run(query(TAKE_BACK).param("owners", list(spoke_before.into_iter()))).await?;
    }

    let edges = changes
        .iter()
        .flat_map(|(of, _, statement)| statement.iter().flat_map(move |statement| statement.edges.iter().map(move |edge| (of, edge))));
    // An edge from a record to itself leads nowhere.
    let rows: Vec<BoltType> = edges
        .filter(|(_, edge)| edge.from != edge.to)
        .map(|(of, edge)| {
            map([
                ("space", format!("{generation}{}/", of.0).into()),
                ("from", edge.from.to_string().into()),
                ("to", edge.to.to_string().into()),
                ("owner", key(of).into()),
                ("id", edge.id.to_string().into()),
                ("kind", edge.kind.as_str().into()),
                ("strength", space::strength(edge.strength).into()),
            ])
        })
        .collect();
    for rows in rows.chunks(BATCH) {
        writing.run(query(JOIN).param("rows", list(rows.iter().cloned()))).await?;
    }
    Ok(())
}
