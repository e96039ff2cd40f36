//! The child process: reads one input after the other, and ends at the first that does harm.

use crate::ALLOCATOR;
use crate::mutate::Source;
use crate::targets::{self, Target};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The file that holds the input that is being read.
pub(crate) const CURRENT: &str = "current";

/// The file that says what harm it did.
pub(crate) const FINDING: &str = "finding";

/// No input may take more of the processor, however busy that is with other things.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nor may any input be waited for so long.
const DEADLINE: Duration = Duration::from_secs(300);

/// What an input of so many bytes may make a reader allocate at its worst, in bytes: a fixed part,
/// and a multiple of its size.
fn allowance(input: usize) -> usize {
    (256 << 20) + 256 * input
}

/// What a child is to do.
#[derive(Debug, Default)]
pub(crate) struct Order {
    pub(crate) target: String,
    /// Read the file `input` and nothing else.
    pub(crate) input: bool,
    /// Do not begin with the seeds themselves.
    pub(crate) mutations_only: bool,
    pub(crate) seed: u64,
    pub(crate) cases: u64,
    pub(crate) milliseconds: u64,
}

const VARIABLE: &str = "SELECTRON_FUZZ_ORDER";
const FOLDER: &str = "SELECTRON_FUZZ_FOLDER";

impl Order {
    pub(crate) fn to_variables(&self, folder: &Path) -> [(&'static str, String); 2] {
        let Self {
            target,
            input,
            mutations_only,
            seed,
            cases,
            milliseconds,
        } = self;
        let order = format!("{target} {input} {mutations_only} {seed} {cases} {milliseconds}");
        [(VARIABLE, order), (FOLDER, folder.display().to_string())]
    }

    fn from_variables() -> Option<(Self, PathBuf)> {
        let order = std::env::var(VARIABLE).ok()?;
        let parts: Vec<_> = order.split(' ').collect();
        let [target, input, mutations_only, seed, cases, milliseconds] = parts.as_slice() else {
            return None;
        };
        let order = Self {
            target: (*target).to_owned(),
            input: input.parse().ok()?,
            mutations_only: mutations_only.parse().ok()?,
            seed: seed.parse().ok()?,
            cases: cases.parse().ok()?,
            milliseconds: milliseconds.parse().ok()?,
        };
        Some((order, std::env::var(FOLDER).ok()?.into()))
    }
}

/// How many inputs have been begun.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// Where a panic was, and what it said.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Does what the environment says.
pub(crate) fn run() {
    let Some((order, folder)) = Order::from_variables() else {
        return;
    };
    let target = targets::named(&order.target);
    let started = Instant::now();
    watch(folder.clone());
    std::panic::set_hook(Box::new(|panic| {
        let panic = panic.to_string().replace('\n', " ");
        eprintln!("{panic}");
        *PANIC.lock().unwrap() = panic;
    }));
    let work = folder.join("work");
    std::fs::create_dir_all(&work).unwrap();
    target.prepare(&work);
    if order.input {
        let input = std::fs::read(folder.join("input")).unwrap();
        let outcome = read(target.as_ref(), &folder, &work, &input);
        println!("\nfuzz {}: replayed: {outcome}", order.target);
        return;
    }
    let rng = ChaCha8Rng::seed_from_u64(order.seed);
    let mut source = Source::new(target.as_ref(), rng, order.mutations_only);
    let (mut cases, mut read_well, mut peak) = (0_u64, 0_u64, 0);
    while cases < order.cases && started.elapsed().as_millis() < u128::from(order.milliseconds) {
        let input = source.next();
        BEGUN.fetch_add(1, Ordering::Relaxed);
        let outcome = read(target.as_ref(), &folder, &work, &input);
        read_well += u64::from(outcome.accepted);
        peak = peak.max(outcome.peak);
        cases += 1;
    }
    let rss = resident_peak();
    println!(
        "\nfuzz {}: seed {}, {cases} inputs, {read_well} of them read, the rest refused with a \
         sentence; at most {} MiB allocated, {rss} resident, {:.0} s",
        order.target,
        order.seed,
        peak >> 20,
        started.elapsed().as_secs_f64(),
    );
    if cases > 0 && read_well == 0 {
        end(&folder, "every single input was refused");
    }
}

struct Outcome {
    accepted: bool,
    message: String,
    peak: usize,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let message = match self.accepted {
            true => "read",
            false => self.message.as_str(),
        };
        write!(f, "{message} ({} MiB allocated)", self.peak >> 20)
    }
}

/// Reads an input; ends the process if that does harm.
fn read(target: &dyn Target, folder: &Path, work: &Path, input: &[u8]) -> Outcome {
    std::fs::write(folder.join(CURRENT), input).unwrap();
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let outcome = catch_unwind(AssertUnwindSafe(|| target.read(work, input)));
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    let harm = match &outcome {
        Err(_) => Some(format!("a panic: {}", PANIC.lock().unwrap())),
        Ok(Err(message)) if message.contains("internal error") => Some(message.clone()),
        Ok(Err(message)) if message.len() < 10 => Some(format!("not a sentence: {message}")),
        Ok(_) if peak > allowance(input.len()) => Some(format!(
            "{} MiB were allocated for an input of {} bytes",
            peak >> 20,
            input.len()
        )),
        Ok(_) => None,
    };
    if let Some(harm) = harm {
        end(folder, &harm);
    }
    let outcome = outcome.unwrap_or_else(|_| Err(String::new()));
    Outcome {
        accepted: outcome.is_ok(),
        message: outcome.err().unwrap_or_default(),
        peak,
    }
}

fn end(folder: &Path, harm: &str) -> ! {
    std::fs::write(folder.join(FINDING), harm).unwrap();
    std::process::exit(1);
}

/// Ends the process when an input takes too long.
fn watch(folder: PathBuf) {
    std::thread::spawn(move || {
        let (mut input, mut begun, mut spent) = (0, Instant::now(), processor_time());
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let current = BEGUN.load(Ordering::Relaxed);
            if current != input {
                (input, begun, spent) = (current, Instant::now(), processor_time());
            } else if processor_time().saturating_sub(spent) > PATIENCE
                || begun.elapsed() > DEADLINE
            {
                end(
                    &folder,
                    &format!("not done after {PATIENCE:?} of computing"),
                );
            }
        }
    });
}

/// What this process has had of the processor.
fn processor_time() -> Duration {
    // Linux counts it in hundredths of a second: fields 14 and 15, after a name in parentheses.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or("").split(' ');
    let ticks: u64 = fields
        .skip(12)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// The most memory that this process ever had resident, as the operating system says it.
fn resident_peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}
