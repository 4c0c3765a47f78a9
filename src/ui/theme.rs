//! Dark, light and projector theme: the one place for colours, sizes and line widths.
#![expect(clippy::disallowed_methods, reason = "this is the one file for colours")]

use egui::{Color32, Context, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Visuals, vec2};
use serde::{Deserialize, Serialize};

/// How the window looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// Dark on white, large type, thick lines: for the back of a room.
    Projector,
}

/// Every theme with its name on the screen, which in lower case is its name on the command line.
pub const THEMES: [(Theme, &str); 3] =
    [(Theme::Dark, "Dark"), (Theme::Light, "Light"), (Theme::Projector, "Projector")];

impl std::str::FromStr for Theme {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = THEMES.iter().find(|(_, title)| title.eq_ignore_ascii_case(name));
        known.map(|(theme, _)| *theme).ok_or_else(|| "expected dark, light or projector".to_owned())
    }
}

/// What the pictures are painted with.
pub struct Palette {
    /// Whose palette it is.
    pub theme: Theme,
    /// Arrows of a field.
    pub arrow: Color32,
    /// Particles, and the rim that keeps them visible on any colour.
    pub particle: Color32,
    /// Behind the plane's axes.
    pub axis: Stroke,
    /// The loss curve.
    pub curve: Stroke,
    /// Text on the pictures.
    pub text: Color32,
    /// Width of an arrow's shaft, in points.
    pub arrow_width: f32,
    /// Radius of a particle, in points.
    pub particle_radius: f32,
    /// Lines of equal density.
    pub contour: Stroke,
    /// Lines along the field.
    pub streamline: Stroke,
    /// Data points.
    pub data_point: Color32,
    /// Data points with noise on them.
    pub noised_point: Color32,
    /// What a hand can take hold of, and the probe.
    pub handle: Stroke,
    /// From no density to the greatest.
    heat: [Color32; HEAT_COLOURS],
    /// Of particles, from the least to the greatest.
    ramp: [Color32; HEAT_COLOURS],
    /// One for each pane.
    panes: [Color32; 4],
    /// From the least value through zero to the greatest.
    diverging: [Color32; HEAT_COLOURS],
    /// Ink of smeared noise at its strongest.
    smear: Color32,
}

/// Colours of modes: Okabe & Ito 2008, told apart with any colour vision; black and yellow left out.
const MODES: [Color32; 6] = [
    Color32::from_rgb(0x00, 0x72, 0xb2),
    Color32::from_rgb(0xe6, 0x9f, 0x00),
    Color32::from_rgb(0x00, 0x9e, 0x73),
    Color32::from_rgb(0xcc, 0x79, 0xa7),
    Color32::from_rgb(0x56, 0xb4, 0xe9),
    Color32::from_rgb(0xd5, 0x5e, 0x00),
];

/// What the colours of modes are mixed with, and how much, from six to six.
const SHADES: [(Color32, f32); 5] = [
    (Color32::BLACK, 0.0),
    (Color32::BLACK, 0.45),
    (Color32::WHITE, 0.5),
    (Color32::BLACK, 0.7),
    (Color32::WHITE, 0.75),
];

/// Colours of a heat map.
const HEAT_COLOURS: usize = 256;

/// Blue through the background to orange: told apart with any colour vision.
fn diverging_colours(middle: Color32) -> [Color32; HEAT_COLOURS] {
    let ends = [Color32::from_rgb(0x2b, 0x8c, 0xe6), Color32::from_rgb(0xf0, 0x7b, 0x1e)];
    std::array::from_fn(|i| {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred colours")]
        let value = 2.0 * i as f32 / (HEAT_COLOURS - 1) as f32 - 1.0;
        middle.lerp_to_gamma(ends[usize::from(value > 0.0)], value.abs())
    })
}

/// The part of a perceptual map from its start to `end`: its last colours would drown arrows and particles.
fn heat_colours(gradient: colorous::Gradient, end: f64) -> [Color32; HEAT_COLOURS] {
    std::array::from_fn(|i| {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred colours")]
        let colour = gradient.eval_continuous(end * i as f64 / (HEAT_COLOURS - 1) as f64);
        Color32::from_rgb(colour.r, colour.g, colour.b)
    })
}

/// Where colour `i` of a table stands between its ends.
fn share(i: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred colours")]
    let (i, last) = (i as f64, (HEAT_COLOURS - 1) as f64);
    i / last
}

/// Of a map that is read with any colour vision.
fn ramp_colour(at: f64) -> Color32 {
    let colour = colorous::VIRIDIS.eval_continuous(at);
    Color32::from_rgb(colour.r, colour.g, colour.b)
}

impl Palette {
    /// For pictures that have their own colours.
    pub const UNTINTED: Color32 = Color32::WHITE;

    /// A thin mark that is read on any colour of a mode, and the rim around it.
    pub const HAIR: Color32 = Color32::BLACK;
    /// See [`Self::HAIR`].
    pub const HALO: Color32 = Color32::WHITE;

    /// The colour of a mode: after six, the same hues darker and lighter.
    pub fn mode(mode: usize) -> Color32 {
        let (base, round) = (MODES[mode % MODES.len()], mode / MODES.len() % SHADES.len());
        let (towards, share) = SHADES[round];
        base.lerp_to_gamma(towards, share)
    }

    /// Black or white, whichever is read better on `background`.
    pub fn text_on(background: Color32) -> Color32 {
        if background.intensity() > 0.45 { Color32::BLACK } else { Color32::WHITE }
    }

    /// The colour of a value in [−1, 1].
    pub fn diverging(&self, value: f32) -> Color32 {
        self.diverging[Self::index(0.5 + 0.5 * value)]
    }

    /// Smeared noise of a grey in [0, 1].
    pub fn smear(&self, grey: f32) -> Color32 {
        self.smear.gamma_multiply(grey)
    }

    /// The colour of a heat value in [0, 1].
    pub fn heat(&self, value: f32) -> Color32 {
        self.heat[Self::index(value)]
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index of the table"
    )]
    fn index(value: f32) -> usize {
        (value.clamp(0.0, 1.0) * (HEAT_COLOURS - 1) as f32).round() as usize
    }

    /// The colour of a particle whose value is this share of the greatest.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of the table")]
    pub fn ramp(&self, value: f32) -> Color32 {
        self.ramp[(value.clamp(0.0, 1.0) * 255.0) as usize]
    }

    /// The colour of a pane's curve, lamp and number.
    pub const fn pane(&self, pane: usize) -> Color32 {
        self.panes[pane % self.panes.len()]
    }
}

/// Curves of panes, bright on dark and dark on bright; apart in lightness too, for any colour vision.
const PANES_ON_DARK: [Color32; 4] = [
    Color32::from_rgb(0x6f, 0xe8, 0xff),
    Color32::from_rgb(0xff, 0xb0, 0x00),
    Color32::from_rgb(0xff, 0x7b, 0x9c),
    Color32::from_rgb(0xb8, 0xf2, 0x6b),
];
const PANES_ON_LIGHT: [Color32; 4] = [
    Color32::from_rgb(0x00, 0x5a, 0xa0),
    Color32::from_rgb(0xb8, 0x4a, 0x00),
    Color32::from_rgb(0x8a, 0x1c, 0x7c),
    Color32::from_rgb(0x1e, 0x6b, 0x2f),
];

impl Theme {
    /// How much larger than usual type and controls are.
    #[must_use]
    pub const fn scale(self) -> f32 {
        match self {
            Self::Dark | Self::Light => 1.0,
            Self::Projector => 1.3,
        }
    }

    /// What the pictures are painted with.
    #[must_use]
    pub fn palette(self) -> Palette {
        let scale = self.scale();
        let dark = self == Self::Dark;
        let ink = if dark { Color32::from_gray(225) } else { Color32::from_gray(20) };
        Palette {
            theme: self,
            arrow: if dark { Color32::from_rgb(0xd8, 0xe6, 0xf2) } else { Color32::from_gray(45) },
            particle: if dark { Color32::from_rgb(0x6f, 0xe8, 0xff) } else { Color32::from_rgb(0xb3, 0x1b, 0x00) },
            axis: Stroke::new(scale, if dark { Color32::from_gray(120) } else { Color32::from_gray(110) }),
            curve: Stroke::new(
                1.8 * scale,
                if dark { Color32::from_rgb(0x6f, 0xb8, 0xff) } else { Color32::from_rgb(0x00, 0x5a, 0xa0) },
            ),
            text: ink,
            arrow_width: 1.2 * scale * scale,
            particle_radius: 1.7 * scale,
            panes: if dark { PANES_ON_DARK } else { PANES_ON_LIGHT },
            ramp: if dark {
                std::array::from_fn(|i| ramp_colour(0.25 + 0.75 * share(i)))
            } else {
                std::array::from_fn(|i| ramp_colour(0.72 - 0.72 * share(i)))
            },
            contour: Stroke::new(
                1.2 * scale,
                if dark { Color32::from_rgb(0xf6, 0xd9, 0x8a) } else { Color32::from_rgb(0x0a, 0x3a, 0x6b) },
            ),
            streamline: Stroke::new(
                1.3 * scale,
                if dark { Color32::from_rgb(0xd8, 0xe6, 0xf2) } else { Color32::from_gray(45) },
            ),
            data_point: if dark { Color32::WHITE } else { Color32::BLACK },
            noised_point: if dark { Color32::from_rgb(0x8f, 0xff, 0xa6) } else { Color32::from_rgb(0x00, 0x6b, 0x45) },
            handle: Stroke::new(
                2.0 * scale,
                if dark { Color32::from_rgb(0xff, 0xe0, 0x3d) } else { Color32::from_rgb(0xa6, 0x1c, 0x6b) },
            ),
            diverging: diverging_colours(if dark { Color32::from_gray(18) } else { Color32::from_gray(250) }),
            smear: if dark { Color32::WHITE.gamma_multiply(0.5) } else { Color32::BLACK.gamma_multiply(0.5) },
            heat: if dark { heat_colours(colorous::MAGMA, 0.72) } else { heat_colours(colorous::BLUES, 0.6) },
        }
    }

    /// Makes the whole window look so.
    pub fn apply(self, ctx: &Context) {
        let (base, mut visuals) = match self {
            Self::Dark => (egui::Theme::Dark, Visuals::dark()),
            Self::Light | Self::Projector => (egui::Theme::Light, Visuals::light()),
        };
        self.strengthen(&mut visuals);
        ctx.set_theme(base);
        ctx.style_mut_of(base, |style| {
            let scale = self.scale();
            let size = |points: f32, family| FontId::new(points * scale, family);
            style.text_styles = [
                (TextStyle::Small, size(11.5, FontFamily::Proportional)),
                (TextStyle::Body, size(14.0, FontFamily::Proportional)),
                (TextStyle::Button, size(14.0, FontFamily::Proportional)),
                (TextStyle::Monospace, size(13.0, FontFamily::Monospace)),
                (TextStyle::Heading, size(18.0, FontFamily::Proportional)),
            ]
            .into();
            style.spacing.item_spacing = vec2(8.0, 7.0) * scale;
            style.spacing.button_padding = vec2(9.0, 4.0) * scale;
            style.spacing.interact_size = vec2(40.0, 24.0) * scale;
            // Beside what scrolls, not over it.
            style.spacing.scroll.floating_allocated_width = style.spacing.scroll.bar_width;
            style.spacing.icon_width = 16.0 * scale;
            style.spacing.icon_width_inner = 9.0 * scale;
            style.visuals = visuals;
            // Sizes of larger type are no whole pixels; pictures are the same with and without debugging.
            #[cfg(debug_assertions)]
            {
                style.debug.show_unaligned = false;
            }
        });
    }

    /// More contrast than egui's own themes: a projector washes out greys.
    fn strengthen(self, visuals: &mut Visuals) {
        let ink = self.palette().text;
        visuals.widgets.noninteractive.fg_stroke.color = ink;
        visuals.widgets.inactive.fg_stroke.color = ink;
        visuals.widgets.hovered.fg_stroke.color = ink;
        let radius = CornerRadius::same(5);
        for widget in [&mut visuals.widgets.inactive, &mut visuals.widgets.hovered, &mut visuals.widgets.active] {
            widget.corner_radius = radius;
        }
        visuals.selection.stroke.width = 1.5 * self.scale();
        if self != Self::Dark {
            visuals.panel_fill = Color32::from_gray(250);
            visuals.widgets.inactive.weak_bg_fill = Color32::from_gray(226);
            visuals.widgets.inactive.bg_fill = Color32::from_gray(205);
        }
    }
}
