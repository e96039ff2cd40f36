//! Keys that take one name or a list of them.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Reads a name or a list of names, which is not empty; `what` is what they name.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(String),
        Many(Vec<String>),
    }
    let list = match Written::deserialize(deserializer)
        .map_err(|_| D::Error::custom(format!("a {what} is a name or a list of names")))?
    {
        Written::One(name) => vec![name],
        Written::Many(list) => list,
    };
    if list.is_empty() {
        return Err(D::Error::custom(format!("the list of {what}s is empty")));
    }
    Ok(list)
}
