//! Makes built files small: what no page reaches taken out of modules, then brotli at its strongest, once for many sendings.

use std::io::Write;
use walrus::{FunctionKind, Module, ModuleConfig, passes::gc};

/// Part of the name of functions that take a page over piece by piece, as its code arrives. Both front ends take it over
/// at once (`hydrate_body`), but every erased view carries its way to do it: a twentieth of the module.
const NEVER_CALLED: &str = "hydrate_async";

/// `bytes`, compressed with quality 11 and the largest window that HTTP allows.
/// # Errors
/// When the encoder refuses, which it does for no input.
pub fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 24);
    encoder.write_all(bytes)?;
    encoder.flush()?;
    drop(encoder);
    Ok(packed)
}

/// A WASM module without what is never called, and without names and notes of the tools, which browsers do not need.
/// # Errors
/// When it is not a well-formed module.
pub fn slim(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut module = ModuleConfig::new().generate_name_section(false).generate_producers_section(false).parse(module)?;
    leave_out(&mut module, NEVER_CALLED);
    let notes: Vec<_> = module.customs.iter().map(|(id, _)| id).collect();
    for note in notes {
        module.customs.delete(note);
    }
    Ok(module.emit_wasm())
}

/// Makes functions with `part` in their names trap, and removes what only they have called.
fn leave_out(module: &mut Module, part: &str) {
    let named = |name: &Option<String>| name.as_ref().is_some_and(|name| name.contains(part));
    for function in module.funcs.iter_mut().filter(|function| named(&function.name)) {
        if let FunctionKind::Local(local) = &mut function.kind {
            let mut body = local.builder_mut().func_body();
            body.instrs_mut().clear();
            body.unreachable();
        }
    }
    gc::run(module);
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::FunctionBuilder;

    /// A module that exports `name`, which calls a function of its own.
    fn module(name: &str) -> Vec<u8> {
        let mut module = Module::default();
        let function = |module: &mut Module, name: &str, calls| {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
            builder.name(name.to_owned());
            if let Some(called) = calls {
                builder.func_body().call(called);
            }
            builder.finish(vec![], &mut module.funcs)
        };
        let inner = function(&mut module, "inner", None);
        let outer = function(&mut module, name, Some(inner));
        module.exports.add("outer", outer);
        module.emit_wasm()
    }

    fn functions(module: &[u8]) -> usize {
        ModuleConfig::new().parse(module).unwrap().funcs.iter().count()
    }

    #[test]
    fn what_is_never_called_goes_with_what_it_alone_calls() {
        let (used, unused) = (module("view::hydrate"), module("view::hydrate_async::closure"));
        assert_eq!((functions(&used), functions(&unused)), (2, 2));
        assert_eq!(functions(&slim(&used).unwrap()), 2);
        assert_eq!(functions(&slim(&unused).unwrap()), 1);
    }

    #[test]
    fn names_go_and_nothing_else_is_taken_for_a_module() {
        let slimmed = slim(&module("view::hydrate")).unwrap();
        assert!(!slimmed.windows(7).any(|part| part == b"hydrate"));
        assert!(slim(&slimmed[..slimmed.len() - 1]).is_err());
        assert!(slim(b"text").is_err());
    }
}
