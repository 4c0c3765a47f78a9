//! Particles drawn out of the graphics adapter's own memory, in the looks of `particles.rs`, however many they are.

use std::sync::{Arc, OnceLock};

use eframe::egui_wgpu::{
    Callback, CallbackResources, CallbackTrait, RenderState, ScreenDescriptor, WgpuConfiguration, WgpuSetup, wgpu,
};
use egui::{PaintCallbackInfo, Painter, Vec2, vec2};
use wgpu::util::DeviceExt;

use super::canvas::Plane;
use super::particles;
use crate::session::{Graphics, Moment};
use crate::ui::theme::Palette;

/// `shaders/paint/dots.wgsl`
const SOURCE: &str = include_str!("../../../shaders/paint/dots.wgsl");

/// From this many particles up dots are the fainter the more there are: where many lie on each other is seen.
const FAINTER_FROM: f32 = 20_000.0;

/// What a device is asked for that draws and computes: all that its adapter has.
pub fn ask_for_computing(setup: &mut WgpuSetup) {
    if let WgpuSetup::CreateNew(new) = setup {
        new.device_descriptor = Arc::new(|adapter| wgpu::DeviceDescriptor {
            label: Some("drawing and computing"),
            required_features: adapter.features() & Graphics::OPTIONAL,
            required_limits: adapter.limits(),
            ..wgpu::DeviceDescriptor::default()
        });
    }
}

/// The window's own settings, with a device that computes too.
pub fn configuration() -> WgpuConfiguration {
    let mut configuration = WgpuConfiguration::default();
    ask_for_computing(&mut configuration.wgpu_setup);
    configuration
}

/// The adapter that draws, for computing too; `None` where it only draws.
pub fn share(state: &RenderState) -> Option<Graphics> {
    let shared = Graphics::shared(state.device.clone(), state.queue.clone(), &state.adapter);
    let graphics = shared.inspect_err(|error| tracing::warn!(%error, "particles stay on the CPU")).ok()?;
    state.renderer.write().callback_resources.insert(Brush::new(&state.device, state.target_format));
    Some(graphics)
}

/// Paints all particles of a moment.
#[expect(clippy::cast_precision_loss, reason = "up to a few million dots")]
pub fn paint(painter: &Painter, plane: &Plane, positions: &Moment, palette: &Palette) {
    let origin = plane.at(0.0, 0.0).to_vec2();
    let scale = plane.at(1.0, 1.0).to_vec2() - origin;
    let faint = (FAINTER_FROM / positions.count() as f32).sqrt().min(1.0);
    let colour = palette.particle.gamma_multiply(faint).to_normalized_gamma_f32();
    let half = particles::half_side(palette.particle_radius);
    let dots = Dots { positions: positions.clone(), origin, scale, half, colour, bindings: OnceLock::new() };
    painter.add(Callback::new_paint_callback(plane.rect, dots));
}

/// As `Look` in WGSL.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Look {
    scale: [f32; 2],
    origin: [f32; 2],
    half: [f32; 2],
    padding: [f32; 2],
    colour: [f32; 4],
}

/// Dots of one picture; lengths in points.
struct Dots {
    positions: Moment,
    /// Where the plane's origin is on the screen, and one unit of each axis.
    origin: Vec2,
    scale: Vec2,
    /// Half the side of a dot's square.
    half: f32,
    /// Multiplied with its opacity, as egui blends.
    colour: [f32; 4],
    bindings: OnceLock<wgpu::BindGroup>,
}

/// What draws dots, made once for each window.
struct Brush {
    pipeline: wgpu::RenderPipeline,
    /// Whether the target wants linear colours.
    linear: bool,
}

impl Dots {
    /// For a screen of `size` points.
    fn look(&self, size: Vec2, linear: bool) -> Look {
        // Clip space goes from −1 to 1, and upwards.
        let clip = vec2(2.0, -2.0) / size;
        let colour = match self.colour {
            [r, g, b, a] if linear => {
                let [r, g, b] = [r, g, b].map(egui::ecolor::linear_from_gamma);
                [r, g, b, a]
            }
            colour => colour,
        };
        Look {
            scale: (self.scale * clip).into(),
            origin: (self.origin * clip + vec2(-1.0, 1.0)).into(),
            half: (Vec2::splat(self.half) * clip).into(),
            padding: [0.0; 2],
            colour,
        }
    }
}

impl CallbackTrait for Dots {
    #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
    fn prepare(
        &self,
        device: &wgpu::Device,
        _queue: &wgpu::Queue,
        screen: &ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let Some(brush) = resources.get::<Brush>() else { return Vec::new() };
        let size = vec2(screen.size_in_pixels[0] as f32, screen.size_in_pixels[1] as f32) / screen.pixels_per_point;
        let buffer = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("look of dots"),
            contents: bytemuck::bytes_of(&self.look(size, brush.linear)),
            usage: wgpu::BufferUsages::UNIFORM,
        });
        self.bindings.get_or_init(|| {
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("dots"),
                layout: &brush.pipeline.get_bind_group_layout(0),
                entries: &[wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() }],
            })
        });
        Vec::new()
    }

    #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
    fn paint(&self, info: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &CallbackResources) {
        let (Some(brush), Some(bindings)) = (resources.get::<Brush>(), self.bindings.get()) else { return };
        // The whole screen: the part that egui proposes is cut off where it reaches beyond.
        let [width, height] = info.screen_size_px.map(|pixels| pixels as f32);
        pass.set_viewport(0.0, 0.0, width, height, 0.0, 1.0);
        pass.set_pipeline(&brush.pipeline);
        pass.set_bind_group(0, bindings, &[]);
        pass.set_vertex_buffer(0, self.positions.positions().slice(..));
        pass.draw(0..4, 0..self.positions.count());
    }
}

impl Brush {
    fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let source = wgpu::ShaderSource::Wgsl(SOURCE.into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some("dots"), source });
        let positions = wgpu::VertexBufferLayout {
            array_stride: 8,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &wgpu::vertex_attr_array![0 => Float32x2],
        };
        let target = wgpu::ColorTargetState {
            format,
            blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
            write_mask: wgpu::ColorWrites::ALL,
        };
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("dots"),
            layout: None,
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("corner"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[Some(positions)],
            },
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some("ink"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(target)],
            }),
            primitive: wgpu::PrimitiveState {
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                ..wgpu::PrimitiveState::default()
            },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            multiview_mask: None,
            cache: None,
        });
        Self { pipeline, linear: format.is_srgb() }
    }
}

#[cfg(test)]
mod tests {
    use wgpu::naga;

    use super::*;

    /// Without a graphics adapter: every file for drawing is valid, and what is packed is as long as what is read.
    #[test]
    fn dots_are_valid_and_their_look_is_as_long_as_what_is_packed() {
        let module = naga::front::wgsl::parse_str(SOURCE).expect("WGSL");
        let flags = naga::valid::ValidationFlags::all();
        naga::valid::Validator::new(flags, naga::valid::Capabilities::empty()).validate(&module).expect("valid WGSL");
        let entries: Vec<&str> = module.entry_points.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(entries, ["corner", "ink"]);
        let look = module.types.iter().find(|(_, kind)| kind.name.as_deref() == Some("Look")).expect("the struct");
        let naga::TypeInner::Struct { span, .. } = look.1.inner else { panic!("{look:?}") };
        assert_eq!(span as usize, size_of::<Look>());
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders/paint");
        assert_eq!(std::fs::read_dir(folder).expect("a folder").count(), 1, "a file that this test does not know");
    }
}
