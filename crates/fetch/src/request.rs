//! What a failed request means, and what to do about it.

use hf_hub::api::sync::ApiError;
use selectron_run::error::Error;
use selectron_run::hub::HubModel;

/// A failed request about a model, or about one file of it.
pub(crate) fn request_error(
    model: &HubModel,
    file: Option<&str>,
    endpoint: &str,
    error: &ApiError,
) -> Error {
    let place = match file {
        Some(file) => format!("{} {file}", model.repo),
        None => model.repo.clone(),
    };
    let (what, remedy) = explain(model, endpoint, error);
    Error::input(place, what, remedy)
}

/// What a failure means and what to do about it.
fn explain(model: &HubModel, endpoint: &str, error: &ApiError) -> (String, String) {
    match error {
        ApiError::TooManyRetries(last) => explain(model, endpoint, last),
        ApiError::RequestError(request) => match request.as_ref() {
            ureq::Error::StatusCode(status) => explain_status(model, *status),
            ureq::Error::Io(error) => explain_io(endpoint, error),
            other => unreachable_endpoint(endpoint, other),
        },
        ApiError::IoError(error) => explain_io(endpoint, error),
        ApiError::MissingHeader(name) | ApiError::InvalidHeader(name) => (
            format!("the answer of {endpoint} has no usable `{name}`"),
            "check that HF_ENDPOINT is a Hub".to_owned(),
        ),
        ApiError::LockAcquisition(path) => (
            format!("another program is downloading it ({})", path.display()),
            "wait for that to end and run the same command again".to_owned(),
        ),
        other => (
            format!("the download failed ({other})"),
            "run the same command again".to_owned(),
        ),
    }
}

fn explain_status(model: &HubModel, status: u16) -> (String, String) {
    let (what, remedy) = match status {
        401 | 403 => (
            "the Hub does not let us in",
            "check the model's name; if it is private or gated, accept its terms on its page and set \
             HF_TOKEN to a token that may read it",
        ),
        404 => (
            "the Hub has no such model, revision or file",
            "check the name and the revision on the model's page",
        ),
        429 => (
            "the Hub asks to slow down",
            "wait some minutes and run the same command again; with HF_TOKEN set the limit is higher",
        ),
        500.. => (
            "the Hub has a failure of its own",
            "try again later; status.huggingface.co says more",
        ),
        _ => ("the Hub refuses", "check the name and HF_ENDPOINT"),
    };
    let revision = match model.revision.as_str() {
        HubModel::DEFAULT_REVISION => String::new(),
        revision => format!(" at revision {revision}"),
    };
    (
        format!("{what}{revision} (HTTP {status})"),
        remedy.to_owned(),
    )
}

fn explain_io(endpoint: &str, error: &std::io::Error) -> (String, String) {
    use std::io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, StorageFull, TimedOut, UnexpectedEof,
    };
    match error.kind() {
        UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe | TimedOut => (
            format!("the connection broke off ({error})"),
            "run the same command again: what has come so far is kept, and the download goes on \
             from there"
                .to_owned(),
        ),
        StorageFull => (
            format!("the cache cannot be written ({error})"),
            "free some space, or choose another cache with HF_HUB_CACHE".to_owned(),
        ),
        _ => unreachable_endpoint(endpoint, error),
    }
}

fn unreachable_endpoint(endpoint: &str, error: &dyn std::fmt::Display) -> (String, String) {
    (
        format!("{endpoint} cannot be reached ({error})"),
        "check the network, HF_ENDPOINT and any proxy".to_owned(),
    )
}
