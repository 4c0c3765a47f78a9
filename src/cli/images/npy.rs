//! Batches of images as NumPy files.

use std::path::Path;

use npyz::{DType, NpyFile, Order, WriterBuilder};

use crate::cli::failure::Failure;

/// Most bytes of a file that is read.
const LONGEST: u64 = 1 << 34;

/// Numbers of shape (n, c, h, w), row-major.
pub struct Batch {
    pub shape: [usize; 4],
    pub numbers: Vec<f32>,
}

/// Reads single-precision numbers of shape (n, c, h, w).
pub fn read(path: &Path) -> Result<Batch, Failure> {
    let what = || format!("{} gives no images", path.display());
    let unread = |error: std::io::Error| Failure::failed(what(), format!("{error}. Check the path"));
    let wrong = |why: String| {
        Failure::wrong_use(what(), format!("{why}. Expected a NumPy file of float32, shape (n, c, h, w)"))
    };
    let there = std::fs::metadata(path).map_err(unread)?;
    if !there.is_file() || there.len() > LONGEST {
        return Err(wrong(format!("it is no file, or one of more than {LONGEST} bytes")));
    }
    let bytes = std::fs::read(path).map_err(unread)?;
    let file = NpyFile::new(&bytes[..]).map_err(|error| wrong(error.to_string()))?;
    let dims: Vec<usize> = file.shape().iter().filter_map(|side| usize::try_from(*side).ok()).collect();
    let Ok(shape) = <[usize; 4]>::try_from(dims) else {
        return Err(wrong(format!("its shape is {:?}", file.shape())));
    };
    if file.order() != Order::C {
        return Err(wrong("its numbers stand in Fortran's order (numpy.ascontiguousarray changes that)".to_owned()));
    }
    let dtype = file.dtype();
    if !matches!(&dtype, DType::Plain(plain) if plain.to_string().ends_with("f4")) {
        return Err(wrong(format!("its numbers are {}", dtype.descr())));
    }
    let numbers: Vec<f32> = file.into_vec().map_err(|error| wrong(format!("it is cut short ({error})")))?;
    if let Some(at) = numbers.iter().position(|x| !x.is_finite()) {
        return Err(wrong(format!("number {at} is {}", numbers[at])));
    }
    Ok(Batch { shape, numbers })
}

/// A batch as the bytes of a NumPy file.
pub fn bytes(batch: &Batch) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let shape = batch.shape.map(|side| side as u64);
    let write = |bytes: &mut Vec<u8>| {
        let mut writer = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(bytes).begin_nd()?;
        writer.extend(batch.numbers.iter().copied())?;
        writer.finish()
    };
    write(&mut bytes).map_err(|error| Failure::failed("The answer cannot be written as a NumPy file", error))?;
    Ok(bytes)
}
