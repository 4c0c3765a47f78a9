//! Every program for the graphics adapter, as text that the binary carries.

/// A program in WGSL with one entry point, named as its file.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// Stem of its file, of its entry point and of its twin.
    pub name: &'static str,
    /// Its text, after the shared functions that it uses.
    pub source: &'static str,
}

/// One update after the other of particles under the exact score of a Gaussian mixture.
pub(super) const MIXTURE_UPDATE: Kernel = Kernel {
    name: "mixture_update",
    source: concat!(
        include_str!("../../shaders/shared/lanes.wgsl"),
        include_str!("../../shaders/shared/noise.wgsl"),
        include_str!("../../shaders/shared/update.wgsl"),
        include_str!("../../shaders/kernels/mixture_update.wgsl"),
    ),
};

/// The same under the score of a multilayer perceptron.
pub(super) const MLP_UPDATE: Kernel = Kernel {
    name: "mlp_update",
    source: concat!(
        include_str!("../../shaders/shared/lanes.wgsl"),
        include_str!("../../shaders/shared/noise.wgsl"),
        include_str!("../../shaders/shared/update.wgsl"),
        include_str!("../../shaders/shared/activation.wgsl"),
        include_str!("../../shaders/kernels/mlp_update.wgsl"),
    ),
};

/// All of them: one line for each file in `shaders/kernels`.
pub const KERNELS: &[Kernel] = &[MIXTURE_UPDATE, MLP_UPDATE];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use wgpu::naga;

    use super::*;

    fn validated(name: &str, source: &str) -> naga::Module {
        let module = naga::front::wgsl::parse_str(source);
        let module = module.unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(source)));
        let flags = naga::valid::ValidationFlags::all();
        let mut validator = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty());
        validator.validate(&module).unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(source)));
        module
    }

    /// Without a graphics adapter: naga is what wgpu itself reads WGSL with. No capability beyond plain WGSL is granted.
    #[test]
    fn every_kernel_is_valid_and_has_one_entry_point() {
        for kernel in KERNELS {
            let module = validated(kernel.name, kernel.source);
            let entries: Vec<&str> = module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
            assert_eq!(entries, [kernel.name]);
        }
    }

    /// Every file is in the list, has its header and its twin, and no binding is without its shape.
    #[test]
    fn every_file_is_listed_and_says_what_it_does() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(root.join("shaders/kernels")).unwrap().map(|entry| entry.unwrap().path());
        let mut stems = BTreeSet::new();
        for path in files {
            let (text, stem) = (std::fs::read_to_string(&path).unwrap(), path.file_stem().unwrap().to_str().unwrap());
            stems.insert(stem.to_owned());
            assert!(text.starts_with("// "), "{stem}: no header");
            assert!(text.contains("// Shapes: ") && text.contains("// Dispatch: "), "{stem}: shapes and dispatch");
            let lines: Vec<&str> = text.lines().collect();
            let bindings = lines.windows(2).filter(|pair| pair[1].contains("@binding"));
            bindings.for_each(|pair| assert!(pair[0].starts_with("// shape (") || pair[0] == "// one", "{}", pair[1]));
            assert!(root.join(format!("src/gpu/reference/{stem}.rs")).exists(), "{stem}: no twin");
        }
        assert_eq!(stems, KERNELS.iter().map(|kernel| kernel.name.to_owned()).collect());
    }

    /// Shared functions are validated with the kernels before which they stand: each stands before one.
    #[test]
    fn every_shared_file_is_used() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders/shared");
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("// ") && !text.contains("@binding"), "{}", path.display());
            assert!(KERNELS.iter().any(|kernel| kernel.source.contains(&text)), "{} is in no kernel", path.display());
        }
    }

    /// What the executor packs is as long as what the kernel reads.
    #[test]
    fn structs_are_as_long_as_what_is_packed() {
        let span = |kernel: Kernel, name: &str| {
            let module = validated(kernel.name, kernel.source);
            let found = module.types.iter().find(|(_, kind)| kind.name.as_deref() == Some(name));
            match found.map(|(_, kind)| &kind.inner) {
                Some(naga::TypeInner::Struct { span, .. }) => *span as usize,
                other => panic!("{name}: {other:?}"),
            }
        };
        for kernel in [MIXTURE_UPDATE, MLP_UPDATE] {
            assert_eq!(span(kernel, "Update"), size_of_val(&crate::gpu::program::AffineUpdate::default().packed()));
            assert_eq!(span(kernel, "Slice"), size_of::<crate::gpu::particles::Slice>());
        }
        let mode = crate::gpu::mixture_levels::NoisedMode::default().packed();
        assert_eq!(span(MIXTURE_UPDATE, "Mode"), size_of_val(&mode));
        assert_eq!(span(MLP_UPDATE, "Level"), size_of_val(&crate::gpu::mlp::LevelConstants::default().packed()));
    }
}
