//! Numbers that check themselves while a scenario is read, so that a refusal knows its line.

use serde::Deserialize;

/// A finite number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub struct Finite(pub f64);

impl TryFrom<f64> for Finite {
    type Error = String;

    fn try_from(x: f64) -> Result<Self, String> {
        if x.is_finite() { Ok(Self(x)) } else { Err(format!("expected a finite number, found {x}")) }
    }
}

/// A finite number above zero.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub struct Positive(pub f64);

impl TryFrom<f64> for Positive {
    type Error = String;

    fn try_from(x: f64) -> Result<Self, String> {
        if x.is_finite() && x > 0.0 { Ok(Self(x)) } else { Err(format!("expected a number greater than 0, found {x}")) }
    }
}

/// A finite number that is not below zero.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub struct NonNegative(pub f64);

impl TryFrom<f64> for NonNegative {
    type Error = String;

    fn try_from(x: f64) -> Result<Self, String> {
        if x.is_finite() && x >= 0.0 { Ok(Self(x)) } else { Err(format!("expected a number of at least 0, found {x}")) }
    }
}

/// A number in [0, 1).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub struct Fraction(pub f64);

impl TryFrom<f64> for Fraction {
    type Error = String;

    fn try_from(x: f64) -> Result<Self, String> {
        if (0.0..1.0).contains(&x) {
            Ok(Self(x))
        } else {
            Err(format!("expected a number from 0 to below 1, found {x}"))
        }
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
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

impl<const MIN: u32, const MAX: u32> TryFrom<i64> for Count<MIN, MAX> {
    type Error = String;

    fn try_from(n: i64) -> Result<Self, String> {
        let number = u32::try_from(n).ok().filter(|n| (MIN..=MAX).contains(n));
        number.map(Self).ok_or_else(|| format!("expected a whole number from {MIN} to {MAX}, found {n}"))
    }
}
