//! Numbers that check themselves while a scenario is read, so that a refusal knows its line.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::distributions::FARTHEST;

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

/// A number above zero, neither too small nor too large for single precision.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Number")]
pub struct Positive(pub f64);

impl TryFrom<Number> for Positive {
    type Error = String;

    fn try_from(Number(x): Number) -> Result<Self, String> {
        // Single precision holds it too.
        let held = f64::from(f32::MIN_POSITIVE)..=f64::from(f32::MAX);
        if held.contains(&x) {
            Ok(Self(x))
        } else {
            Err(format!("expected a number greater than 0, and not beyond 1e±38, found {x}"))
        }
    }
}

/// A coordinate of data, in units of x.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Number")]
pub struct Coordinate(pub f64);

impl TryFrom<Number> for Coordinate {
    type Error = String;

    fn try_from(number: Number) -> Result<Self, String> {
        let Finite(x) = number.try_into()?;
        if x.abs() <= FARTHEST { Ok(Self(x)) } else { Err(format!("expected a number within ±{FARTHEST}, found {x}")) }
    }
}

/// A standard deviation, thickness or softness of data, in units of x.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "Number")]
pub struct Width(pub f64);

impl TryFrom<Number> for Width {
    type Error = String;

    fn try_from(Number(x): Number) -> Result<Self, String> {
        match x {
            0.0..=FARTHEST => Ok(Self(x)),
            _ if x > FARTHEST => Err(format!("expected a number from 0 to {FARTHEST}, found {x}")),
            _ => Err(format!("expected a number of at least 0, found {x}")),
        }
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
        x.try_into()
    }
}

impl TryFrom<f64> for Sigma {
    type Error = String;

    fn try_from(x: f64) -> Result<Self, String> {
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
#[derive(Clone, Copy, Debug)]
pub struct Pair<T>(pub [T; 2]);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pair<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Two<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Two<T> {
            type Value = Pair<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of 2")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Pair<T>, A::Error> {
                let refused = |count| A::Error::custom(format!("expected a list of 2, found one of {count}"));
                let first = list.next_element()?.ok_or_else(|| refused(0))?;
                let second = list.next_element()?.ok_or_else(|| refused(1))?;
                let mut count = 2;
                while list.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                if count > 2 { Err(refused(count)) } else { Ok(Pair([first, second])) }
            }
        }
        deserializer.deserialize_seq(Two(PhantomData))
    }
}
