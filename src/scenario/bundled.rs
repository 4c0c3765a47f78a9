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
        name: "ncsn-fig2",
        description: "The same modes without noise: sliced score matching learns nothing of the score where there are no data",
        text: include_str!("../../assets/scenarios/ncsn-fig2.toml"),
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
    Bundled {
        name: "two-moons",
        description: "Two half circles that reach into each other: two modes that no straight line parts",
        text: include_str!("../../assets/scenarios/two-moons.toml"),
    },
    Bundled {
        name: "circles",
        description: "One circle inside another: two modes with the same mean, and nothing at it",
        text: include_str!("../../assets/scenarios/circles.toml"),
    },
    Bundled {
        name: "pinwheel",
        description: "Five bent arms that thin out: modes that no Gaussian describes",
        text: include_str!("../../assets/scenarios/pinwheel.toml"),
    },
    Bundled {
        name: "spiral",
        description: "One long thin mode, wound up, whose turns the noise joins one after another",
        text: include_str!("../../assets/scenarios/spiral.toml"),
    },
    Bundled {
        name: "swiss-roll",
        description: "A rolled-up sheet from its end, denser inside",
        text: include_str!("../../assets/scenarios/swiss-roll.toml"),
    },
    Bundled {
        name: "heart",
        description: "The outline of a heart: smooth sides, a notch and a point",
        text: include_str!("../../assets/scenarios/heart.toml"),
    },
    Bundled {
        name: "line",
        description: "Data on a thin manifold: without noise the score is defined on the line alone",
        text: include_str!("../../assets/scenarios/line.toml"),
    },
    Bundled {
        name: "checkerboard",
        description: "Every other square of a board: flat inside, sharp at the edges",
        text: include_str!("../../assets/scenarios/checkerboard.toml"),
    },
    Bundled {
        name: "cloud",
        description: "A hundred data points and nothing between them: their exact score only memorises",
        text: include_str!("../../assets/scenarios/cloud.toml"),
    },
];
