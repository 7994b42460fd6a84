//! Makes built files small: what no page reaches taken out of modules, then brotli at its strongest, once for many sendings.

use std::io::Write;
use walrus::{FunctionKind, Module, ModuleConfig, passes::gc};

/// Part of the name of functions that take a page over piece by piece, as its code arrives. Both front ends take it over
/// at once (`hydrate_body`), but every erased view carries its way to do it: a twentieth of the module.
const NEVER_CALLED: &str = "hydrate_async";
/// From how many instructions on a function's name can be believed. The compiler makes one function of several that do the
/// same, under the name of any of them: small ones (a wrapper, what drops a value) serve others too.
const TOO_LONG_TO_SHARE: u64 = 100;

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
    leave_out_never_called(&mut module);
    let notes: Vec<_> = module.customs.iter().map(|(id, _)| id).collect();
    for note in notes {
        module.customs.delete(note);
    }
    Ok(module.emit_wasm())
}

/// Makes these functions trap, and removes what only they have called.
fn leave_out_never_called(module: &mut Module) {
    let is_named = |name: &str| name.contains(NEVER_CALLED) && name.contains("closure") && !name.contains("drop_in_place");
    for function in module.funcs.iter_mut().filter(|function| function.name.as_deref().is_some_and(is_named)) {
        if let FunctionKind::Local(local) = &mut function.kind
            && local.size() >= TOO_LONG_TO_SHARE
        {
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

    /// A module that exports `name`, which has twice `length` instructions and then calls a function of its own.
    fn module(name: &str, length: i32) -> Vec<u8> {
        let mut module = Module::default();
        let mut function = |name: &str, calls| {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
            builder.name(name.to_owned());
            if let Some(called) = calls {
                let mut body = builder.func_body();
                for number in 0..length {
                    body.i32_const(number).drop();
                }
                body.call(called);
            }
            builder.finish(vec![], &mut module.funcs)
        };
        let inner = function("inner", None);
        let outer = function(name, Some(inner));
        module.exports.add("outer", outer);
        module.emit_wasm()
    }

    fn functions(module: &[u8]) -> usize {
        ModuleConfig::new().parse(module).unwrap().funcs.iter().count()
    }

    #[test]
    fn what_is_never_called_goes_with_what_it_alone_calls() {
        let left = |name, length| functions(&slim(&module(name, length)).unwrap());
        assert_eq!(functions(&module("view::hydrate_async::closure", 100)), 2);
        assert_eq!(left("view::hydrate_async::closure", 100), 1);
        assert_eq!(left("view::hydrate::closure", 100), 2);
        assert_eq!(left("view::hydrate_async::closure", 10), 2, "it may serve others");
        assert_eq!(left("drop_in_place<view::hydrate_async::closure>", 100), 2, "it may serve others");
    }

    #[test]
    fn names_go_and_nothing_else_is_taken_for_a_module() {
        let slimmed = slim(&module("view::hydrate", 1)).unwrap();
        assert!(!slimmed.windows(7).any(|part| part == b"hydrate"));
        assert!(slim(&slimmed[..slimmed.len() - 1]).is_err());
        assert!(slim(b"text").is_err());
    }
}
