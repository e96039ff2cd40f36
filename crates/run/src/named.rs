//! Closed sets of names: enums whose variants are written as strings in files.

/// A name of a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The name, as files have it.
    pub name: &'static str,
    /// What it is, in Markdown.
    pub doc: &'static str,
}

/// A closed set of names.
pub trait Named {
    /// Every choice, in the order of the documentation.
    const CHOICES: &'static [Choice];
}

/// Declares an enum whose variants are written as strings in TOML, JSON and tables. A name that is
/// none of them is refused with the nearest known one.
macro_rules! named {
    (
        $(#[$meta:meta])*
        $what:literal $name:ident {
            $( $(#[doc = $doc:literal])+ $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[doc = $doc])+ $variant, )+ }

        impl $name {
            /// Every choice, in the order of the documentation.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// What each choice is, in the order of [`Self::ALL`].
            pub const DOCS: &'static [&'static str] = &[ $( concat!($($doc, "\n",)+), )+ ];

            /// The name used in pipeline files, tables and the manifest.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }
        }

        impl $crate::named::Named for $name {
            const CHOICES: &'static [$crate::named::Choice] = &[ $(
                $crate::named::Choice { name: $text, doc: concat!($($doc, "\n",)+) },
            )+ ];
        }

        /// The first choice: rows of tables can then be filled field by field in tests.
        impl Default for $name {
            fn default() -> Self {
                Self::ALL[0]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|choice| choice.name() == name).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|choice| choice.name()).collect();
                    // A table may hold anything in place of a name.
                    let name: String = name.chars().take(40).collect();
                    let hint = $crate::spelling::suggestion(&name, &known);
                    format!(concat!("unknown ", $what, " `{}`{}"), name, hint)
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                name.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use named;
