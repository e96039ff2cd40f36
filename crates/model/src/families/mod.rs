//! One file for each model family: its configuration and its tensor names, mapped onto the shared
//! [`parts`](crate::parts). `docs/models.md` says how to add one.

pub(crate) mod assembly;
mod bert;
mod family;
mod gpt2;
mod gpt_neo;
mod gpt_neox;
mod llama;
mod loader;
mod mistral;
mod qwen2;
pub(crate) mod registry;
mod rotary;
mod settings;

#[cfg(test)]
pub(crate) mod tests;
