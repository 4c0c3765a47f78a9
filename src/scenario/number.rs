//! Numbers that check themselves while a scenario is read, so that a refusal knows its line.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// The noise that samplers and networks are made for, in units of x: the same range as the samplers' knobs.
const SIGMAS: std::ops::RangeInclusive<f64> = 1e-4..=1e4;

/// Any number, whole or not.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl Visitor<'_> for Numbers {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E: Error>(self, x: f64) -> Result<Number, E> {
                Ok(Number(x))
            }

            #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the nearest double is what is meant")]
            fn visit_i64<E: Error>(self, n: i64) -> Result<Number, E> {
                Ok(Number(n as f64))
            }
        }
        deserializer.deserialize_f64(Numbers)
    }
}

/// Any whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wholes;
        impl Visitor<'_> for Wholes {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: Error>(self, n: i64) -> Result<Whole, E> {
                Ok(Whole(n))
            }
        }
        deserializer.deserialize_i64(Wholes)
    }
}

/// A finite number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Number")]
pub struct Finite(pub f64);

impl TryFrom<Number> for Finite {
    type Error = String;

    fn try_from(Number(x): Number) -> Result<Self, String> {
        if x.is_finite() { Ok(Self(x)) } else { Err(format!("expected a finite number, found {x}")) }
    }
}

/// A finite number above zero.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Number")]
pub struct Positive(pub f64);

impl TryFrom<Number> for Positive {
    type Error = String;

    fn try_from(Number(x): Number) -> Result<Self, String> {
        if x.is_finite() && x > 0.0 { Ok(Self(x)) } else { Err(format!("expected a number greater than 0, found {x}")) }
    }
}

/// A finite number that is not below zero.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Number")]
pub struct NonNegative(pub f64);

impl TryFrom<Number> for NonNegative {
    type Error = String;

    fn try_from(Number(x): Number) -> Result<Self, String> {
        if x.is_finite() && x >= 0.0 { Ok(Self(x)) } else { Err(format!("expected a number of at least 0, found {x}")) }
    }
}

/// A number in [0, 1).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Number")]
pub struct Fraction(pub f64);

impl TryFrom<Number> for Fraction {
    type Error = String;

    fn try_from(Number(x): Number) -> Result<Self, String> {
        if (0.0..1.0).contains(&x) {
            Ok(Self(x))
        } else {
            Err(format!("expected a number from 0 to below 1, found {x}"))
        }
    }
}

/// A standard deviation of added noise.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Number")]
pub struct Sigma(pub f64);

impl TryFrom<Number> for Sigma {
    type Error = String;

    fn try_from(Number(x): Number) -> Result<Self, String> {
        let (least, greatest) = (SIGMAS.start(), SIGMAS.end());
        if SIGMAS.contains(&x) {
            Ok(Self(x))
        } else {
            Err(format!("expected a number from {least} to {greatest}, found {x}"))
        }
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Whole")]
pub struct Count<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Count<MIN, MAX> {
    /// The number, where it stands in the source.
    pub const fn of(number: u32) -> Self {
        assert!(MIN <= number && number <= MAX, "a default lies in its own range");
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<Whole> for Count<MIN, MAX> {
    type Error = String;

    fn try_from(Whole(n): Whole) -> Result<Self, String> {
        let number = u32::try_from(n).ok().filter(|n| (MIN..=MAX).contains(n));
        number.map(Self).ok_or_else(|| format!("expected a whole number from {MIN} to {MAX}, found {n}"))
    }
}

/// Exactly two of something: a list of fixed length would pass over a third.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Pair<T>(pub [T; 2]);

impl<T> TryFrom<Vec<T>> for Pair<T> {
    type Error = String;

    fn try_from(list: Vec<T>) -> Result<Self, String> {
        let two: Result<[T; 2], _> = list.try_into();
        two.map(Self).map_err(|list| format!("expected a list of 2, found one of {}", list.len()))
    }
}
