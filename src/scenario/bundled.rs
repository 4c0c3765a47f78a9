//! The scenarios that travel inside the program. A new one is one file and one line here.

/// A scenario inside the program.
pub struct Bundled {
    /// Its name on the command line.
    pub name: &'static str,
    /// One sentence for lists and tooltips.
    pub description: &'static str,
    /// Its TOML text.
    pub text: &'static str,
}

/// Every bundled scenario, the default first.
pub const BUNDLED: &[Bundled] = &[
    Bundled {
        name: "ncsn-toy",
        description: "Two far modes of weight 0.8 and 0.2: plain Langevin gets the weights wrong, annealing right",
        text: include_str!("../../assets/scenarios/ncsn-toy.toml"),
    },
    Bundled {
        name: "two-modes",
        description: "Two near modes that touch: here plain Langevin crosses, given time",
        text: include_str!("../../assets/scenarios/two-modes.toml"),
    },
    Bundled {
        name: "ring-8",
        description: "Eight equal modes on a ring",
        text: include_str!("../../assets/scenarios/ring-8.toml"),
    },
    Bundled {
        name: "grid-25",
        description: "Twenty-five equal modes on a grid",
        text: include_str!("../../assets/scenarios/grid-25.toml"),
    },
];
