//! `looma-style sheet OUT` writes the style sheet of both front ends; `looma-style pack FOLDER` makes
//! built modules slim, puts a brotli copy beside every built file, and tells what a browser will load.

use anyhow::{Context, bail};
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sheet", out] => sheet(Path::new(out)),
        ["pack", folder] => pack(Path::new(folder)),
        _ => bail!("usage: looma-style sheet OUT | pack FOLDER"),
    }
}

fn sheet(out: &Path) -> anyhow::Result<()> {
    let css = looma_style::sheet::generate(&looma_style::sources::read()?);
    std::fs::write(out, css).with_context(|| format!("cannot write {}", out.display()))
}

fn pack(folder: &Path) -> anyhow::Result<()> {
    let mut whole = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if !path.extension().is_some_and(|end| end == "js" || end == "wasm" || end == "css") {
            continue;
        }
        let mut bytes = std::fs::read(&path)?;
        if path.extension().is_some_and(|end| end == "wasm") {
            bytes = looma_style::pack::slim(&bytes).with_context(|| format!("{} is not a module", path.display()))?;
            std::fs::write(&path, &bytes)?;
        }
        let packed = looma_style::pack::brotli(&bytes)?;
        whole += packed.len();
        let mut name = path.into_os_string();
        name.push(".br");
        std::fs::write(name, packed)?;
    }
    println!("{}: {} KiB compressed", folder.display(), whole.div_ceil(1024));
    Ok(())
}
