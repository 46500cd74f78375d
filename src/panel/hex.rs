//! Hex: bytes to be sent, as they stand in a panel.

use serde::{Deserialize, Serialize};

use super::template::SENT;
use crate::hex;

/// Bytes, and the hex digits that stand for them, as somebody wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hex {
    digits: String,
    bytes: Vec<u8>,
}

impl Hex {
    /// The bytes, 1 to 4096.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(digits: String) -> Result<Self, String> {
        let bytes = hex::decode(&digits).map_err(|error| error.to_string())?;
        match bytes.len() {
            1..=SENT => Ok(Self { digits, bytes }),
            length => Err(format!("{length} bytes are not possible; 1 to {SENT} are")),
        }
    }
}

impl From<Hex> for String {
    fn from(hex: Hex) -> Self {
        hex.digits
    }
}
