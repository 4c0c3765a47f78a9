//! One metric of every pane against score evaluations, with the truth as a line.

use egui::{Rangef, Role, TextStyle, Ui, Vec2b, WidgetInfo, vec2};
use egui_plot::{AxisHints, HLine, Line, LineStyle, MarkerShape, Plot, PlotPoints, Points};

use crate::session::SamplingFrame;
use crate::ui::Metric;
use crate::ui::theme::Palette;

/// Distances of the numbers along the height, in points, from which on they are seen, and seen at their strongest.
const CLOSEST_NUMBERS: Rangef = Rangef { min: 9.0, max: 18.0 };

/// Draws the plot, `height` points high. `truth` is where a perfect sampler ends.
pub fn show(
    ui: &mut Ui,
    frames: &[(usize, &SamplingFrame)],
    (metric, title): (Metric, &str),
    truth: Option<f64>,
    palette: &Palette,
    height: f32,
) {
    let small = TextStyle::Small.resolve(ui.style());
    ui.style_mut().text_styles.insert(TextStyle::Body, small);
    let plot = Plot::new("traces")
        .height(height)
        .allow_drag(Vec2b::FALSE)
        .allow_zoom(Vec2b::FALSE)
        .allow_scroll(Vec2b::FALSE)
        .allow_boxed_zoom(false)
        .set_margin_fraction(vec2(0.02, 0.1))
        .include_x(0.0)
        .include_x(longest(frames))
        .include_y(0.0)
        .custom_x_axes(vec![AxisHints::new_x().label("NFE")])
        .custom_y_axes(vec![AxisHints::new_y().label_spacing(CLOSEST_NUMBERS)])
        .label_formatter(|_| None);
    let width = palette.curve.width;
    let shown = plot.show(ui, |plot| {
        if let Some(truth) = truth {
            plot.hline(HLine::new("truth", truth).color(palette.text).width(width).style(LineStyle::dashed_dense()));
        }
        for (pane, frame) in frames {
            let name = format!("pane {}", pane + 1);
            let colour = palette.pane(*pane);
            let curve = curve(frame, metric);
            if let Some(here) = curve.iter().rfind(|(done, _)| *done <= frame.done) {
                let here = Points::new(format!("{name} now"), vec![here.1]).shape(MarkerShape::Circle);
                plot.points(here.color(colour).radius(2.5 * width));
            }
            let points: Vec<_> = curve.into_iter().map(|(_, point)| point).collect();
            plot.line(Line::new(name, PlotPoints::from(points)).color(colour).width(1.4 * width).style(style(*pane)));
        }
    });
    let spoken = || format!("{title} of every pane against NFE. {}", last_values(frames, metric));
    shown.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, spoken()));
}

/// Score evaluations of the longest run.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn longest(frames: &[(usize, &SamplingFrame)]) -> f64 {
    frames.iter().map(|(_, frame)| frame.nfe_of_plan.unwrap_or(frame.nfe)).max().unwrap_or(0) as f64
}

/// Told apart without colours too.
fn style(pane: usize) -> LineStyle {
    match pane {
        0 => LineStyle::Solid,
        1 => LineStyle::Dashed { length: 14.0 },
        2 => LineStyle::Dashed { length: 7.0 },
        _ => LineStyle::Dotted { spacing: 6.0 },
    }
}

/// Updates made, and (NFE, value), wherever there is a value.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn curve(frame: &SamplingFrame, metric: Metric) -> Vec<(usize, [f64; 2])> {
    let value = |point: &crate::session::TracePoint| Some((point.done, [point.nfe as f64, metric.of(point)?]));
    frame.trace.iter().filter_map(value).collect()
}

fn last_values(frames: &[(usize, &SamplingFrame)], metric: Metric) -> String {
    let value = |(pane, frame): &(usize, &SamplingFrame)| {
        let (_, [nfe, value]) = *curve(frame, metric).last()?;
        Some(format!("pane {}: {value:.3} at {nfe}", pane + 1))
    };
    frames.iter().filter_map(value).collect::<Vec<_>>().join("; ")
}
