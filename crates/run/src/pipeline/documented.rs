//! Sections of the pipeline file that know their own keys.

/// A key of the pipeline file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it says, in Markdown.
    pub doc: &'static str,
}

/// A section of the pipeline file.
pub trait Documented {
    /// Its keys, in the order of the documentation.
    const KEYS: &'static [Key];
}

/// Declares a section's struct and, from its fields and their comments, its keys: a key cannot be
/// without a sentence, nor unknown to the reader of the file. Fields that no file sets come after a
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
                },
            )+ ];
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
