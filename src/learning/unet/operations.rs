//! The U-Net's heavy operations as candle knows operations: each with its way back.

use std::ops::Deref;
use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Storage, Tensor, bail};

use super::planes::Geometry;
use super::{convolution, function, gradients, normalisation, resampling, softmax};
use crate::samplers::Spread;
use crate::unet::Activation;
use crate::unet::plan::Resampling;

/// Threads lent to the operations.
pub type Threads = Arc<dyn Spread + Send + Sync>;

/// y = K ∗ x + b:   x (n, c, h, w), K (out, c, k, k) or (out, c), b (out) or (n, out).
pub struct Convolution {
    pub threads: Threads,
    pub geometry: Geometry,
}

impl CustomOp3 for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (shape, out) = (four(x_layout)?, weight_layout.dims()[0]);
        let [x, weight, bias] = [numbers(x, x_layout)?, numbers(weight, weight_layout)?, numbers(bias, bias_layout)?];
        let y = convolution::convolve(&*self.threads, x, shape, self.geometry, weight, bias, out);
        let [n, _, h, w] = shape;
        Ok((CpuStorage::F32(y), Shape::from((n, out, self.geometry.side(h), self.geometry.side(w)))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (threads, geometry) = (&*self.threads, self.geometry);
        let (shape, [n, out, h, w]) = (four(x.layout())?, four(y.layout())?);
        let gradient = gradient.contiguous()?;
        let lent = [x, weight, &gradient].map(Tensor::storage_and_layout);
        let [x_numbers, kernel, gradient] = [numbers_of(&lent[0])?, numbers_of(&lent[1])?, numbers_of(&lent[2])?];
        let by_x = x.track_op().then(|| gradients::by_input(threads, gradient, shape, geometry, kernel, out));
        let by_weight =
            weight.track_op().then(|| gradients::by_weight(threads, x_numbers, shape, geometry, gradient, out));
        let by_bias = gradients::by_bias(threads, gradient, h * w);
        let like = |tensor: &Tensor, numbers| Tensor::from_vec(numbers, tensor.shape(), tensor.device());
        Ok((
            by_x.map(|by_x| like(x, by_x)).transpose()?,
            by_weight.map(|by_weight| like(weight, by_weight)).transpose()?,
            Some(per_image(by_bias, n, bias)?),
        ))
    }
}

/// y = f(x̂ w + b):   x (n, c, h, w), w and b (c) or (n, c).
pub struct GroupNorm {
    pub threads: Threads,
    pub groups: usize,
    pub eps: f32,
    pub activation: Option<Activation>,
}

impl GroupNorm {
    fn form(&self, [n, channels, h, w]: [usize; 4]) -> normalisation::Form {
        let Self { groups, eps, activation, .. } = *self;
        normalisation::Form { n, channels, pixels: h * w, groups, eps, activation }
    }
}

impl CustomOp3 for GroupNorm {
    fn name(&self) -> &'static str {
        "group-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let form = self.form(four(x_layout)?);
        let affine =
            normalisation::Affine { weight: numbers(weight, weight_layout)?, bias: numbers(bias, bias_layout)? };
        let y = form.forward(&*self.threads, numbers(x, x_layout)?, affine);
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let form = self.form(four(x.layout())?);
        let gradient = gradient.contiguous()?;
        let lent = [weight, bias, x, &gradient].map(Tensor::storage_and_layout);
        let affine = normalisation::Affine { weight: numbers_of(&lent[0])?, bias: numbers_of(&lent[1])? };
        let gradients = form.backward(&*self.threads, numbers_of(&lent[2])?, affine, numbers_of(&lent[3])?);
        let normalisation::Gradients { x: by_x, weight: by_weight, bias: by_bias } = gradients;
        let by_x = Tensor::from_vec(by_x, x.shape(), x.device())?;
        Ok((Some(by_x), Some(per_image(by_weight, form.n, weight)?), Some(per_image(by_bias, form.n, bias)?)))
    }
}

/// y = (a + b) · scale, of one shape.
pub struct ScaledSum {
    pub threads: Threads,
    pub scale: f32,
}

/// Numbers that one thread works on at a time.
const PIECE: usize = 1 << 14;

impl CustomOp2 for ScaledSum {
    fn name(&self) -> &'static str {
        "scaled-sum"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let [a, b] = [numbers(a, a_layout)?, numbers(b, b_layout)?];
        let mut y = a.to_vec();
        self.threads.each_chunk(&mut y, PIECE, &|piece, y| {
            y.iter_mut().zip(&b[piece * PIECE..]).for_each(|(y, b)| *y = (*y + b) * self.scale);
        });
        Ok((CpuStorage::F32(y), a_layout.shape().clone()))
    }

    fn bwd(
        &self,
        _a: &Tensor,
        _b: &Tensor,
        _y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        #[expect(clippy::float_cmp, reason = "a sum that is not scaled says exactly 1")]
        let both = if self.scale == 1.0 { gradient.clone() } else { gradient.affine(f64::from(self.scale), 0.0)? };
        Ok((Some(both.clone()), Some(both)))
    }
}

/// Rows of the last dimension to e^x / Σ e^x.
pub struct Softmax {
    pub threads: Threads,
}

impl CustomOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut y = numbers(x, layout)?.to_vec();
        let row = layout.dims().last().copied().unwrap_or(1);
        self.threads.each_chunk(&mut y, row, &|_, row| softmax::softmax(row));
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, _x: &Tensor, y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let row = y.dims().last().copied().unwrap_or(1);
        let gradient = gradient.contiguous()?;
        let lent = [y, &gradient].map(Tensor::storage_and_layout);
        let (y_numbers, mut by_x) = (numbers_of(&lent[0])?, numbers_of(&lent[1])?.to_vec());
        self.threads.each_chunk(&mut by_x, row, &|i, by_x| softmax::through(&y_numbers[i * row..][..row], by_x));
        Ok(Some(Tensor::from_vec(by_x, y.shape(), y.device())?))
    }
}

/// y = f(x)
pub struct Function(pub Activation);

impl CustomOp1 for Function {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut y = numbers(x, layout)?.to_vec();
        function::apply(self.0, &mut y);
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        let lent = [x, &gradient].map(Tensor::storage_and_layout);
        let mut by_x = numbers_of(&lent[1])?.to_vec();
        function::through(self.0, numbers_of(&lent[0])?, &mut by_x);
        Ok(Some(Tensor::from_vec(by_x, x.shape(), x.device())?))
    }
}

/// Half or twice the height and width.
pub struct Resample {
    pub threads: Threads,
    pub how: Resampling,
}

impl CustomOp1 for Resample {
    fn name(&self) -> &'static str {
        "resample"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let [n, c, h, w] = four(layout)?;
        let y = resampling::resample(&*self.threads, numbers(x, layout)?, [h, w], self.how);
        Ok((CpuStorage::F32(y), Shape::from((n, c, resampling::side(self.how, h), resampling::side(self.how, w)))))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let [_, _, h, w] = four(gradient.layout())?;
        let (how, factor) = resampling::transposed(self.how);
        let gradient = gradient.contiguous()?;
        let lent = gradient.storage_and_layout();
        let by_x = resampling::resample(&*self.threads, numbers_of(&lent)?, [h, w], how);
        Ok(Some(Tensor::from_vec(by_x, x.shape(), x.device())?.affine(f64::from(factor), 0.0)?))
    }
}

/// The numbers of a tensor that lies in one piece.
fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((begin, end)) => Ok(&storage.as_slice::<f32>()?[begin..end]),
        None => bail!("a tensor of shape {:?} does not lie in one piece", layout.shape()),
    }
}

/// The numbers of a tensor that lies in one piece, lent by `storage_and_layout`.
fn numbers_of<'a, S: Deref<Target = Storage>>((storage, layout): &'a (S, &Layout)) -> Result<&'a [f32]> {
    match &**storage {
        Storage::Cpu(storage) => numbers(storage, layout),
        _ => bail!("the tensor lies on another device"),
    }
}

fn four(layout: &Layout) -> Result<[usize; 4]> {
    let (n, c, h, w) = layout.shape().dims4()?;
    Ok([n, c, h, w])
}

/// Sums (n, c) in the shape of `like`: over the images, where they share it.
fn per_image(sums: Vec<f32>, n: usize, like: &Tensor) -> Result<Tensor> {
    let c = sums.len() / n;
    let sums = Tensor::from_vec(sums, (n, c), like.device())?;
    if like.elem_count() == c { sums.sum(0)?.reshape(like.shape()) } else { sums.reshape(like.shape()) }
}
