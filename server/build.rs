//! The server embeds what Trunk built. Where nothing is built yet it embeds empty folders and says so on its pages.

fn main() -> std::io::Result<()> {
    for folder in ["../dist/web", "../dist/admin"] {
        std::fs::create_dir_all(folder)?;
        println!("cargo:rerun-if-changed={folder}");
    }
    Ok(())
}
