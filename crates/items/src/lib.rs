//! What is put before a model: words and texts, and what is known of them beforehand.
//!
//! - [`word_list`] reads word lists; [`selection`] chooses the words that take part, and
//!   [`match_words`] a balanced subset of them; [`present`] puts them before a model.
//! - [`read`] reads a text by [`conllu`] or `plain` into [`document`]s; [`windows`] cuts them into
//!   what a model takes at a time; [`label`] says which category a word of the text has and whether
//!   it was a stimulus; [`tokens`] and [`text_words`] list the text's tokens and words, and which of
//!   these are scored.
//! - [`text`] is all of that for one pipeline.
//!
//! It knows tokenizers, but loads no model and records nothing.

pub mod conllu;
pub mod document;
pub mod label;
pub mod match_words;
mod plain;
pub mod present;
pub mod read;
pub mod selection;
pub mod text;
pub mod text_words;
pub mod tokens;
pub mod windows;
pub mod word_list;
