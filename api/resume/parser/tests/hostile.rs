//! Hostile files end as a problem that helps, and nothing makes the parser panic.

use std::fs;
use std::path::Path;

use looma_resume_parser::{MAX_BYTES, ProblemCode, parse};
use proptest::prelude::*;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn code(name: &str, bytes: &[u8]) -> ProblemCode {
    let problem = parse(name, bytes).expect_err(name);
    assert!(problem.detail.len() > 20, "{name}: {}", problem.detail);
    problem.code
}

#[test]
fn each_kind_of_trouble_is_named() {
    assert_eq!(code("empty.pdf", b""), ProblemCode::Empty);
    assert_eq!(code("blank.txt", b" \n\t\n"), ProblemCode::Empty);
    assert_eq!(code("large.pdf", &vec![b'a'; MAX_BYTES + 1]), ProblemCode::TooLarge);
    assert_eq!(code("picture.pdf", b"\x89PNG\r\n\x1a\n....."), ProblemCode::Unsupported);
    assert_eq!(code("locked.pdf", &fixture("hostile/encrypted.pdf")), ProblemCode::Encrypted);
    assert_eq!(code("scan.pdf", &fixture("hostile/image_only.pdf")), ProblemCode::ImageOnly);
    assert_eq!(code("bomb.docx", &fixture("hostile/bomb.docx")), ProblemCode::TooLarge);
    assert_eq!(code("list.json", b"{\"name\": 1}"), ProblemCode::InvalidJson);
    assert_eq!(code("deep.json", format!("{{\"basics\": {}{}}}", "[".repeat(60), "]".repeat(60)).as_bytes()), ProblemCode::InvalidJson);
    let mut noise: Vec<u8> = b"%PDF-1.7\n".to_vec();
    noise.extend((0..50_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
    assert!(matches!(code("noise.pdf", &noise), ProblemCode::Broken | ProblemCode::NoText));
    let docx = fixture("zh_tabs.docx");
    assert_eq!(code("cut.docx", &docx[..docx.len() / 2]), ProblemCode::Broken);
}

#[test]
fn a_name_that_lies_about_the_format_does_no_harm() {
    let parsed = parse("resume.docx", &fixture("en_one_column.pdf")).unwrap();
    assert_eq!(parsed.content.basics.unwrap().name.unwrap(), "Amara Okonkwo-Reyes");
}

#[test]
fn json_resume_is_taken_as_it_is() {
    let parsed = parse("r.json", br#"{"basics": {"name": "Ada", "pronouns": "she", "phone": null}, "work": [{"name": "Engine", "startDate": "1842"}], "meta": {"v": 1}}"#).unwrap();
    assert_eq!(parsed.content.work[0].start_date.as_deref(), Some("1842"));
    assert_eq!(parsed.content.extra["meta"]["v"], 1);
    assert_eq!(parsed.provenance["/basics/pronouns"].quote, "she");
}

#[test]
fn plain_text_and_markdown_are_read() {
    let text = "# Noor Haddad\nnoor@example.org\n\n## Experience\n**Baker**, Corner Bakery Ltd    2018 - 2021\n- made bread\n\n## Education\nDiploma in Baking, City College    2016 - 2018\n";
    let content = parse("cv.md", text.as_bytes()).unwrap().content;
    assert_eq!(content.basics.unwrap().name.as_deref(), Some("Noor Haddad"));
    assert_eq!(content.work[0].name.as_deref(), Some("Corner Bakery Ltd"));
    assert_eq!(content.education[0].institution.as_deref(), Some("City College"));
}

const FILES: [&str; 5] = ["en_side_bar.pdf", "en_one_column.pdf", "zh_tabs.docx", "en_table.docx", "en_plain.doc"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), head in 0..4_usize) {
        let heads: [&[u8]; 4] = [b"", b"%PDF-1.4\n", b"PK\x03\x04word/", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]];
        let _ = parse("file", &[heads[head], &bytes].concat());
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[ \\PC\n\t:：|,，、0-9a-zA-Z年月至今工作经历教育背景()（）-]{0,400}") {
        let _ = parse("file.txt", text.as_bytes());
    }

    #[test]
    fn damaged_files_never_panic(which in 0..FILES.len(), holes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40), cut in proptest::option::of(any::<prop::sample::Index>())) {
        let mut bytes = fixture(FILES[which]);
        for (at, byte) in holes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()).max(1));
        }
        let _ = parse(FILES[which], &bytes);
    }
}
