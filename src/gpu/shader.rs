//! Every program for the graphics adapter, as text that the binary carries.

use super::Precision;

/// A program in WGSL with one entry point, named as its file.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// Stem of its file, of its entry point and of its twin.
    pub name: &'static str,
    /// Its text, after the shared functions that it uses.
    pub source: &'static str,
    /// The files that the text is made of, below `shaders`.
    pub files: &'static [&'static str],
}

impl Kernel {
    /// The text for tensors of a precision. A program built for its developer reads the files anew where they lie.
    #[must_use]
    pub fn text(&self, precision: Precision) -> String {
        let stored = match precision {
            Precision::Single => include_str!("../../shaders/shared/stored_f32.wgsl"),
            Precision::Half => include_str!("../../shaders/shared/stored_f16.wgsl"),
        };
        let edited = if cfg!(debug_assertions) && !self.files.is_empty() { self.edited() } else { None };
        stored.to_owned() + edited.as_deref().unwrap_or(self.source)
    }

    /// The text as the files have it now.
    fn edited(&self) -> Option<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
        self.files.iter().map(|file| std::fs::read_to_string(folder.join(file)).ok()).collect()
    }
}

/// A kernel by its name, and the shared functions before which it stands.
macro_rules! kernel {
    ($name:literal $(, $shared:literal)*) => {
        Kernel {
            name: $name,
            source: concat!(
                $(include_str!(concat!("../../shaders/shared/", $shared, ".wgsl")),)*
                include_str!(concat!("../../shaders/kernels/", $name, ".wgsl")),
            ),
            files: &[$(concat!("shared/", $shared, ".wgsl"),)* concat!("kernels/", $name, ".wgsl")],
        }
    };
}

/// One update after the other of particles under the exact score of a Gaussian mixture.
pub(super) const MIXTURE_UPDATE: Kernel = kernel!("mixture_update", "lanes", "noise");

/// Convolution of images, as a product of matrices.
pub(super) const CONV2D: Kernel = kernel!("conv2d", "outer");
/// The end of a convolution that was summed in parts.
pub(super) const CONV2D_SUM: Kernel = kernel!("conv2d_sum");
/// Means and spreads of pieces of groups of channels.
pub(super) const GROUP_MOMENTS: Kernel = kernel!("group_moments");
/// Normalisation by them, and the activation after it.
pub(super) const GROUP_NORM: Kernel = kernel!("group_norm", "unet_activation");
/// Attention of every pixel to every other.
pub(super) const ATTENTION: Kernel = kernel!("attention", "outer");
/// A matrix times a vector.
pub(super) const LINEAR: Kernel = kernel!("linear");
/// One number after the other.
pub(super) const POINTWISE: Kernel = kernel!("pointwise", "unet_activation");
/// Half or twice the height and width.
pub(super) const RESAMPLE: Kernel = kernel!("resample");
/// The timestep as a vector.
pub(super) const TIME_EMBEDDING: Kernel = kernel!("time_embedding", "lanes");

/// All of them: one line for each file in `shaders/kernels`.
pub const KERNELS: &[Kernel] = &[
    MIXTURE_UPDATE,
    CONV2D,
    CONV2D_SUM,
    GROUP_MOMENTS,
    GROUP_NORM,
    ATTENTION,
    LINEAR,
    POINTWISE,
    RESAMPLE,
    TIME_EMBEDDING,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use wgpu::naga;

    use super::*;

    /// Plain WGSL, and half precision where it is asked for.
    fn validated(kernel: &Kernel, precision: Precision) -> naga::Module {
        let (name, source) = (kernel.name, &kernel.text(precision));
        let module = naga::front::wgsl::parse_str(source);
        let module = module.unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(source)));
        let capabilities = match precision {
            Precision::Single => naga::valid::Capabilities::empty(),
            Precision::Half => naga::valid::Capabilities::SHADER_FLOAT16,
        };
        let mut validator = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), capabilities);
        validator.validate(&module).unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(source)));
        module
    }

    /// Without a graphics adapter: naga is what wgpu itself reads WGSL with.
    #[test]
    fn every_kernel_is_valid_and_has_one_entry_point() {
        for (kernel, precision) in
            KERNELS.iter().flat_map(|kernel| [(kernel, Precision::Single), (kernel, Precision::Half)])
        {
            let module = validated(kernel, precision);
            let entries: Vec<&str> = module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
            assert_eq!(entries, [kernel.name]);
        }
    }

    /// A developer's build reads the files where they lie, and what it reads is what the binary carries.
    #[test]
    fn files_are_read_anew_in_order() {
        KERNELS.iter().for_each(|kernel| assert!(kernel.edited().as_deref() == Some(kernel.source), "{}", kernel.name));
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
            let mut texts =
                KERNELS.iter().flat_map(|kernel| [Precision::Single, Precision::Half].map(|of| kernel.text(of)));
            assert!(texts.any(|kernel| kernel.contains(&text)), "{} is in no kernel", path.display());
        }
    }

    /// What the executor packs is as long as what the kernel reads.
    #[test]
    fn structs_are_as_long_as_what_is_packed() {
        let module = validated(&MIXTURE_UPDATE, Precision::Single);
        let span = |name: &str| {
            let found = module.types.iter().find(|(_, kind)| kind.name.as_deref() == Some(name));
            match found.map(|(_, kind)| &kind.inner) {
                Some(naga::TypeInner::Struct { span, .. }) => *span as usize,
                other => panic!("{name}: {other:?}"),
            }
        };
        assert_eq!(span("Update"), size_of_val(&crate::gpu::program::AffineUpdate::default().packed()));
        assert_eq!(span("Mode"), size_of_val(&crate::gpu::mixture_levels::NoisedMode::default().packed()));
        assert_eq!(span("Slice"), size_of::<crate::gpu::particles::Slice>());
    }

    /// What each kernel of an image network is called with stands in the same order, under the same names, on both sides.
    #[test]
    fn calls_are_packed_as_the_kernels_read_them() {
        use crate::gpu::kernels::FIELDS;
        let images: Vec<&str> =
            KERNELS.iter().map(|kernel| kernel.name).filter(|name| !name.ends_with("_update")).collect();
        assert_eq!(FIELDS.iter().map(|(kernel, _)| *kernel).collect::<Vec<_>>(), images);
        for (kernel, fields) in FIELDS {
            let kernel = KERNELS.iter().find(|of| of.name == *kernel).unwrap();
            let module = validated(kernel, Precision::Single);
            let call = module.types.iter().find_map(|(_, of)| match &of.inner {
                naga::TypeInner::Struct { members, .. } if of.name.as_deref() == Some("Call") => Some(members.clone()),
                _ => None,
            });
            let kind = |of| match module.types[of].inner {
                naga::TypeInner::Scalar(naga::Scalar::U32) => "u32",
                naga::TypeInner::Scalar(naga::Scalar::F32) => "f32",
                ref other => panic!("{other:?}"),
            };
            let call = call.expect("a struct Call");
            let found: Vec<_> = call.iter().map(|of| (of.name.as_deref().unwrap(), kind(of.ty), of.offset)).collect();
            let packed: Vec<_> = (0..).step_by(4).zip(*fields).map(|(at, (name, kind))| (*name, *kind, at)).collect();
            assert_eq!(found, packed, "{}", kernel.name);
        }
    }
}
