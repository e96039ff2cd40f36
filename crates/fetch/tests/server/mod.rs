//! A server that speaks as the Hub does: the API's answer about a revision, files with their tags,
//! large files behind a redirection, and ranges. It can be told to misbehave.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A repository's files.
pub(crate) type Files = BTreeMap<&'static str, Vec<u8>>;

/// How the server misbehaves about one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not.
    None,
    /// It closes the connection after `bytes` bytes, `times` times.
    CutAfter { bytes: usize, times: usize },
    /// It sends fewer bytes than it announced.
    Shorter { by: usize },
    /// It sends other bytes.
    Altered,
    /// It leaves the tag out.
    NoTag,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) range: Option<String>,
    pub(crate) token: Option<String>,
}

struct State {
    files: Files,
    commit: String,
    faults: BTreeMap<String, Fault>,
    /// Paths that begin so get this status.
    refusal: Option<(String, u16)>,
    requests: Vec<Request>,
}

/// The running server; its thread ends with the test process.
pub(crate) struct Server {
    port: u16,
    state: Arc<Mutex<State>>,
}

/// A model in one file, with much beside it that no run needs.
pub(crate) fn single_file() -> Files {
    Files::from([
        ("README.md", b"# tiny".to_vec()),
        ("config.json", br#"{"model_type": "gpt2"}"#.to_vec()),
        (
            "model.safetensors",
            (0..4096_u32).map(|i| (i * 7 % 251) as u8).collect(),
        ),
        ("pytorch_model.bin", vec![0; 100]),
        ("tokenizer.json", br#"{"version": "1.0"}"#.to_vec()),
        ("tokenizer_config.json", b"{}".to_vec()),
    ])
}

/// A model in shards.
pub(crate) fn sharded() -> Files {
    let index = br#"{"weight_map": {"b": "model-00002-of-00002.safetensors",
        "a": "model-00001-of-00002.safetensors", "c": "model-00002-of-00002.safetensors"}}"#;
    Files::from([
        ("config.json", b"{ }".to_vec()),
        ("model-00001-of-00002.safetensors", vec![1; 3000]),
        ("model-00002-of-00002.safetensors", vec![2; 2000]),
        ("model.safetensors.index.json", index.to_vec()),
        ("tokenizer.json", b"{  }".to_vec()),
    ])
}

impl Server {
    pub(crate) fn start(files: Files) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            files,
            commit: COMMIT.to_owned(),
            faults: BTreeMap::new(),
            refusal: None,
            requests: Vec::new(),
        }));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up in the middle is part of the tests.
                let _ = answer(&stream, &shared, port);
            }
        });
        Self { port, state }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn content(&self, name: &str) -> Vec<u8> {
        self.state().files[name].clone()
    }

    pub(crate) fn tag(&self, name: &str) -> String {
        tag(name, &self.state().files[name])
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// The ranges that were asked of a path, in order.
    pub(crate) fn ranges(&self, path: &str) -> Vec<String> {
        let requests = self.requests().into_iter();
        let of_path = requests.filter(|request| request.path == path);
        of_path.filter_map(|request| request.range).collect()
    }

    pub(crate) fn set_commit(&self, commit: &str) {
        self.state().commit = commit.to_owned();
    }

    pub(crate) fn fault(&self, name: &str, fault: Fault) {
        self.state().faults.insert(name.to_owned(), fault);
    }

    pub(crate) fn refuse(&self, path: &str, status: u16) {
        self.state().refusal = Some((path.to_owned(), status));
    }

    pub(crate) fn allow(&self) {
        self.state().refusal = None;
    }
}

fn is_large(name: &str) -> bool {
    name.ends_with(".safetensors") || name.ends_with(".bin")
}

/// Large files are tagged by their SHA-256, as on the Hub; small ones by another hash of 40 digits.
fn tag(name: &str, content: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(content);
    let hash: String = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if is_large(name) {
        hash
    } else {
        hash[..40].to_owned()
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut request = Request {
        path: first.split(' ').nth(1)?.to_owned(),
        range: None,
        token: None,
    };
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(": ") else {
            return Some(request);
        };
        match name.to_ascii_lowercase().as_str() {
            "range" => request.range = Some(value.to_owned()),
            "authorization" => request.token = Some(value.to_owned()),
            _ => {}
        }
    }
    None
}

fn answer(mut stream: &TcpStream, state: &Mutex<State>, port: u16) -> std::io::Result<()> {
    let Some(request) = read_request(stream) else {
        return Ok(());
    };
    let mut state = state.lock().unwrap();
    state.requests.push(request.clone());
    let head = |status: &str, headers: &[String], length: usize| {
        let headers = headers.concat();
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    };
    if let Some((path, status)) = &state.refusal
        && request.path.starts_with(path)
    {
        let status = format!("{status} Refused");
        return stream.write_all(head(&status, &[], 0).as_bytes());
    }
    if request.path.starts_with("/api/models/owner/tiny/revision/") {
        let siblings: Vec<_> = state
            .files
            .keys()
            .map(|name| format!("{{\"rfilename\": \"{name}\"}}"))
            .collect();
        let body = format!(
            "{{\"sha\": \"{}\", \"siblings\": [{}]}}",
            state.commit,
            siblings.join(",")
        );
        let json = "Content-Type: application/json\r\n".to_owned();
        return stream.write_all((head("200 OK", &[json], body.len()) + &body).as_bytes());
    }
    let resolve = format!("/owner/tiny/resolve/{}/", state.commit);
    let (name, behind) = match request.path.strip_prefix("/cdn/") {
        Some(name) => (name, true),
        None => (request.path.strip_prefix(&resolve).unwrap_or(""), false),
    };
    let name = name.to_owned();
    let Some(content) = state.files.get(name.as_str()).cloned() else {
        return stream.write_all(head("404 Not Found", &[], 0).as_bytes());
    };
    let fault = state.faults.get(&name).copied().unwrap_or(Fault::None);
    let mut headers = vec![format!("X-Repo-Commit: {}\r\n", state.commit)];
    if is_large(&name) && !behind {
        headers.push(format!("X-Linked-Etag: \"{}\"\r\n", tag(&name, &content)));
        headers.push(format!("X-Linked-Size: {}\r\n", content.len()));
        headers.push(format!("Location: http://127.0.0.1:{port}/cdn/{name}\r\n"));
        return stream.write_all(head("302 Found", &headers, 0).as_bytes());
    }
    if fault != Fault::NoTag {
        headers.push(format!("ETag: \"{}\"\r\n", tag(&name, &content)));
    }
    let range = request.range.as_deref().unwrap_or("bytes=0-");
    let (from, to) = range.trim_start_matches("bytes=").split_once('-').unwrap();
    let from: usize = from.parse().unwrap();
    let to = to.parse().map_or(content.len(), |to: usize| to + 1);
    headers.push(format!(
        "Content-Range: bytes {from}-{}/{}\r\n",
        to - 1,
        content.len()
    ));
    let whole = to == content.len() && (from, to) != (0, 1);
    let mut body = content[from..to].to_vec();
    let mut sent = body.len();
    match fault {
        Fault::Shorter { by } if whole => {
            body.truncate(body.len() - by);
            sent = body.len();
        }
        Fault::Altered if whole => body[0] ^= 1,
        Fault::CutAfter { bytes, times } if whole && times > 0 => {
            let times = times - 1;
            state.faults.insert(name, Fault::CutAfter { bytes, times });
            sent = bytes;
        }
        _ => {}
    }
    let head = head("206 Partial Content", &headers, body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body[..sent])?;
    stream.flush()
}
