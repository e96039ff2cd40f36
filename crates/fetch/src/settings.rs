//! Where to download from and to, by the variables that the Hugging Face libraries honour.

use selectron_run::hub::{cache_folder, home_folder};
use std::path::PathBuf;

/// Where to download from and to.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// The Hub's address, without a slash at the end: `HF_ENDPOINT`, or else huggingface.co.
    pub endpoint: String,
    /// The cache: `HF_HUB_CACHE`, or else `hub` in `HF_HOME`.
    pub cache: PathBuf,
    /// What opens private and gated models: `HF_TOKEN`, or else what is in the file
    /// `HF_TOKEN_PATH`, or in `token` in `HF_HOME`, where `hf auth login` leaves it.
    pub token: Option<String>,
    /// Whether to stay off the network: `HF_HUB_OFFLINE`.
    pub offline: bool,
    /// How often a download that broke off is taken up again.
    pub retries: usize,
}

// A token must not end up in a log.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("endpoint", &self.endpoint)
            .field("cache", &self.cache)
            .field("token", &self.token.as_ref().map(|_| "..."))
            .field("offline", &self.offline)
            .field("retries", &self.retries)
            .finish()
    }
}

impl Settings {
    /// Reads the environment.
    pub fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".into());
        let token_file =
            variable("HF_TOKEN_PATH").map_or_else(|| home_folder().join("token"), PathBuf::from);
        let token = variable("HF_TOKEN").or_else(|| std::fs::read_to_string(token_file).ok());
        // The same words mean yes as in `huggingface_hub`.
        let offline = variable("HF_HUB_OFFLINE").is_some_and(|value| {
            let value = value.to_uppercase();
            ["1", "ON", "YES", "TRUE"].contains(&value.as_str())
        });
        Self {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            cache: cache_folder(),
            token: token
                .map(|token| token.trim().to_owned())
                .filter(|token| !token.is_empty()),
            offline,
            retries: 5,
        }
    }
}
