//! The image that every container of ours is made from.

use crate::{read, root, yaml};
use looma_types::ServiceName;

/// Instructions with their continued lines joined, such as `("FROM", "debian:trixie-slim")`.
fn instructions() -> Vec<(String, String)> {
    let text = read("deploy/Dockerfile");
    let lines: String = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    let joined = lines.replace("\\\n", " ");
    let instruction = |line: &str| line.split_once(' ').map(|(word, rest)| (word.to_owned(), rest.trim().to_owned()));
    joined.lines().filter(|line| !line.trim().is_empty()).map(|line| instruction(line).unwrap()).collect()
}

fn all(word: &str) -> Vec<String> {
    instructions().into_iter().filter(|(other, _)| other == word).map(|(_, rest)| rest).collect()
}

#[test]
fn the_image_is_built_from_known_versions_and_never_runs_as_root() {
    let known = ["FROM", "ARG", "LABEL", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"];
    for (word, rest) in instructions() {
        assert!(known.contains(&word.as_str()), "{word} {rest}");
    }
    for image in all("FROM") {
        let tag = image.split(' ').next().unwrap().split_once(':').map_or("", |(_, tag)| tag);
        assert!(tag.contains(|c: char| c.is_ascii_digit()) || tag.contains("trixie"), "{image}");
    }
    // Both stages are of the same Debian, whose C library the binary is linked to.
    assert!(all("FROM").iter().all(|image| image.contains("trixie")));
    assert!(all("FROM")[0].contains(&format!("rust:{}-", env!("CARGO_PKG_RUST_VERSION"))));
    let user = all("USER").pop().unwrap();
    let number: u32 = user.split(':').next().unwrap().parse().expect("a number is seen to be no root");
    assert!(number >= 1000);
    assert_eq!(yaml("deploy/compose.yaml")["services"]["user"]["user"], user);
}

#[test]
fn the_image_says_what_it_is() {
    assert!(all("ARG").contains(&format!("VERSION={}", env!("CARGO_PKG_VERSION"))));
    assert!(all("HEALTHCHECK")[0].ends_with(r#"CMD ["looma", "ready"]"#));
    let exposed: Vec<_> = all("EXPOSE")[0]
        .split(' ')
        .map(|range| range.split_once('-').unwrap())
        .map(|(first, last)| first.parse().unwrap()..=last.parse::<u16>().unwrap())
        .collect();
    for service in ServiceName::ALL {
        assert!(exposed.iter().any(|range| range.contains(&service.default_port())), "{service}");
    }
}

#[test]
fn the_build_sees_every_crate_and_whatever_is_copied() {
    let ignore = read("deploy/Dockerfile.dockerignore");
    let seen: Vec<_> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let manifest = read("Cargo.toml");
    let members = manifest.split_once("members = [").unwrap().1.split_once(']').unwrap().0;
    for member in members.split(',').map(|member| member.trim().trim_matches('"')) {
        assert!(seen.contains(&member.split('/').next().unwrap()), "{member} is left out");
    }
    for path in &seen {
        assert!(root().join(path).exists(), "{path} is not there");
    }
    for copied in all("COPY").iter().filter(|copied| !copied.starts_with("--from")) {
        let source = copied.split(' ').next().unwrap();
        assert!(source == "." || seen.contains(&source), "{source} is left out");
    }
}
