//! JSON in which no key of an object stands twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value as it is written, refused where one of two keys would hide the other.
pub struct Distinct(pub Value);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Builder).map(Self)
    }
}

/// Builds the value.
struct Builder;

impl<'de> Visitor<'de> for Builder {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Value, E> {
        Ok(is.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Distinct(value)) = list.next_element()? {
            all.push(value);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom(format!(
                    "the key {key:?} stands here twice"
                )));
            }
            let Distinct(value) = object.next_value()?;
            all.insert(key, value);
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_told_with_its_place() {
        let text = "{\"a\": {\"min\": 1},\n \"b\": [{\"min\": 0, \"max\": 5,\n \"min\": 2}]}";
        let error = serde_json::from_str::<Distinct>(text).err().unwrap();
        let told = error.to_string();
        assert_eq!(told, "the key \"min\" stands here twice at line 3 column 6");
    }

    proptest! {
        #[test]
        fn any_other_text_is_read_as_without_this(
            text in "[\\[\\]{}:,0-9a-c\" .eE-]{0,30}|\\PC{0,10}",
        ) {
            let plain = serde_json::from_str::<Value>(&text).ok();
            match serde_json::from_str::<Distinct>(&text) {
                Ok(Distinct(value)) => prop_assert_eq!(Some(value), plain),
                Err(error) => prop_assert!(
                    plain.is_none() || error.to_string().contains("stands here twice")
                ),
            }
        }
    }
}
