//! What is missing between the skills that are there and those that are wanted.

use crate::taxonomy::{Skill, Taxonomy};
use crate::vocabulary::Vocabulary;
use looma_types::skill::{NearSkill, SkillMatch, SkillMatchRequest};

/// Compares two sets of names, aliases or ids. The answer speaks in the words of the request.
pub(crate) fn compare(vocabulary: &Vocabulary, request: &SkillMatchRequest) -> SkillMatch {
    let have: Vec<(&String, Option<&Skill>)> = request.have.iter().map(|text| (text, vocabulary.resolve(text))).collect();
    let mut answer = SkillMatch { matched: vec![], near: vec![], missing: vec![], score: 1.0 };
    for want in &request.want {
        let skill = vocabulary.resolve(want);
        let same = |(text, other): &(&String, Option<&Skill>)| match (skill, other) {
            (Some(skill), Some(other)) => skill.id == other.id,
            _ => text.trim().to_lowercase() == want.trim().to_lowercase(),
        };
        if have.iter().any(same) {
            answer.matched.push(want.clone());
            continue;
        }
        let near = have.iter().filter_map(|(text, other)| Some((how(&vocabulary.taxonomy, skill?, (*other)?)?, text)));
        match near.min_by_key(|((order, _), _)| *order) {
            Some(((_, how), text)) => {
                answer.near.push(NearSkill { want: want.clone(), have: (*text).clone(), how: how.to_owned() });
            }
            None => answer.missing.push(want.clone()),
        }
    }
    if !request.want.is_empty() {
        answer.score = (answer.matched.len() as f64 + answer.near.len() as f64 / 2.0) / request.want.len() as f64;
    }
    answer
}

/// How what is there lies to what is wanted; the lower number is the better stand-in.
fn how(taxonomy: &Taxonomy, want: &Skill, have: &Skill) -> Option<(u8, &'static str)> {
    let above = |below: &Skill, above: &Skill| taxonomy.ancestors(below).iter().any(|skill| skill.id == above.id);
    if above(have, want) {
        Some((0, "narrower"))
    } else if above(want, have) {
        Some((1, "broader"))
    } else if taxonomy.nearness(want, have) > 0.0 {
        Some((2, "related"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(have: &[&str], want: &[&str]) -> SkillMatch {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        compare(&Vocabulary::new(vec![]), &SkillMatchRequest { have: texts(have), want: texts(want) })
    }

    #[test]
    fn aliases_meet_near_skills_are_named_and_the_rest_is_missing() {
        let answer = ask(&["容器编排", "MySQL", "frobnication"], &["k8s", "SQL", "Frobnication", "Baking"]);
        assert_eq!(answer.matched, ["k8s", "Frobnication"]);
        assert_eq!(answer.near, [NearSkill { want: "SQL".to_owned(), have: "MySQL".to_owned(), how: "narrower".to_owned() }]);
        assert_eq!(answer.missing, ["Baking"]);
        assert!((answer.score - 0.625).abs() < 1e-9);
    }

    #[test]
    fn nothing_wanted_is_all_there() {
        assert!((ask(&[], &[]).score - 1.0).abs() < 1e-9);
        assert!(ask(&[], &["Rust"]).score.abs() < 1e-9);
    }
}
