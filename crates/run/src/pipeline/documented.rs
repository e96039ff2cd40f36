//! Sections of the pipeline file that know their own keys.

use crate::named::{Choice, Named};

/// A key of the pipeline file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it says, in Markdown.
    pub doc: &'static str,
    /// What its value may be.
    pub value: Value,
}

/// What a key's value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Any text.
    Text,
    /// A whole number, from 0.
    Count,
    /// Any number.
    Number,
    /// `true` or `false`.
    Switch,
    /// A name of a closed set.
    Choice(&'static [Choice]),
    /// What this phrase says.
    Phrase(&'static str),
    /// A list of such values.
    List(&'static Value),
    /// A section with keys of its own.
    Section,
}

/// A type that a key's value can have.
pub trait KeyValue {
    /// What the value may be.
    const VALUE: Value;
}

impl KeyValue for String {
    const VALUE: Value = Value::Text;
}

impl KeyValue for usize {
    const VALUE: Value = Value::Count;
}

impl KeyValue for u64 {
    const VALUE: Value = Value::Count;
}

impl KeyValue for f64 {
    const VALUE: Value = Value::Number;
}

impl KeyValue for bool {
    const VALUE: Value = Value::Switch;
}

impl<T: Named> KeyValue for T {
    const VALUE: Value = Value::Choice(T::CHOICES);
}

impl<T: KeyValue> KeyValue for Option<T> {
    const VALUE: Value = T::VALUE;
}

impl<T: KeyValue> KeyValue for Vec<T> {
    const VALUE: Value = Value::List(&T::VALUE);
}

/// A section of the pipeline file.
pub trait Documented {
    /// Its keys, in the order of the documentation.
    const KEYS: &'static [Key];
}

/// Declares a section's struct and, from its fields, their types and comments, its keys: a key cannot
/// be without a sentence, nor unknown to the reader of the file. Fields that no file sets come after a
/// `---`.
macro_rules! documented {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[doc = $doc:literal])+ $(#[serde $serde:tt])? pub $field:ident: $type:ty, )+
            $( --- $( $(#[doc = $unset_doc:literal])+ $(#[serde $unset_serde:tt])? pub $unset:ident: $unset_type:ty, )+ )?
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $( $(#[doc = $doc])+ $(#[serde $serde])? pub $field: $type, )+
            $( $( $(#[doc = $unset_doc])+ $(#[serde $unset_serde])? pub $unset: $unset_type, )+ )?
        }

        impl $crate::pipeline::documented::Documented for $name {
            const KEYS: &'static [$crate::pipeline::documented::Key] = &[ $(
                $crate::pipeline::documented::Key {
                    name: $crate::pipeline::documented::plain(stringify!($field)),
                    doc: concat!($($doc, "\n",)+),
                    value: <$type as $crate::pipeline::documented::KeyValue>::VALUE,
                },
            )+ ];
        }

        impl $crate::pipeline::documented::KeyValue for $name {
            const VALUE: $crate::pipeline::documented::Value =
                $crate::pipeline::documented::Value::Section;
        }
    };
}
pub(super) use documented;

/// A field's name as it is in the file: a key may be a word of Rust.
pub(super) const fn plain(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}
