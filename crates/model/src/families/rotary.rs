//! What `config.json` says of rotary positions, under its older and newer keys.

use crate::config::Config;
use crate::error::Result;
use crate::spec::heads::HeadCounts;
use crate::spec::rotary::{Rotary, Stretch};

/// Where a family keeps what shapes its rotary embedding, besides `rope_parameters` (new) or
/// `rope_scaling` (old).
pub(super) struct RotaryKeys {
    /// The top-level key of theta in older configurations.
    pub(super) theta: &'static str,
    /// The top-level key of the rotated fraction of a head in older configurations, and what it is
    /// where nothing is said; none where the family rotates whole heads.
    pub(super) fraction: Option<(&'static str, f64)>,
}

impl RotaryKeys {
    /// The keys of Llama and its kin.
    pub(super) const LLAMA: Self = Self {
        theta: "rope_theta",
        fraction: None,
    };
}

/// Reads the rotary embedding: `rope_parameters` or `rope_scaling`, with theta and fraction in it
/// or beside it.
pub(super) fn rotary(config: &Config, keys: &RotaryKeys, heads: HeadCounts) -> Result<Rotary> {
    let section = match config.section("rope_scaling")? {
        Some(old) => Some(old),
        None => config.section("rope_parameters")?,
    };
    let beside = config.positive_number_or(keys.theta, 10_000.0)?;
    let theta = match &section {
        Some(section) => section.positive_number_or("rope_theta", beside)?,
        None => beside,
    };
    if config.has("rope_theta") && config.positive_number_or("rope_theta", theta)? != theta {
        return Err(config.error(
            "rope_theta",
            format!("theta is {theta} elsewhere in the file"),
        ));
    }
    let width = rotated_width(config, section.as_ref(), keys, heads)?;
    Ok(Rotary {
        width,
        theta,
        stretch: match &section {
            Some(section) => stretch(config, section)?,
            None => Stretch::None,
        },
    })
}

fn rotated_width(
    config: &Config,
    section: Option<&Config>,
    keys: &RotaryKeys,
    heads: HeadCounts,
) -> Result<usize> {
    const INNER: &str = "partial_rotary_factor";
    let Some((key, default)) = keys.fraction else {
        for config in std::iter::once(config).chain(section) {
            config.supported_only(INNER, 1.0, "this family rotates whole heads")?;
        }
        return even(config, "head_dim", heads.width);
    };
    let beside = config.positive_number_or(key, default)?;
    let fraction = match section {
        Some(section) => section.positive_number_or(INNER, beside)?,
        None => beside,
    };
    if config.has(INNER) && config.positive_number_or(INNER, fraction)? != fraction {
        return Err(config.error(
            INNER,
            format!("the fraction is {fraction} elsewhere in the file"),
        ));
    }
    if fraction > 1.0 {
        return Err(config.error(key, format!("{fraction} is more than the whole head")));
    }
    even(config, key, (heads.width as f64 * fraction) as usize)
}

fn even(config: &Config, key: &str, width: usize) -> Result<usize> {
    if width == 0 || !width.is_multiple_of(2) {
        return Err(config.error(
            key,
            format!("{width} values of each head would be rotated, which must be an even number"),
        ));
    }
    Ok(width)
}

fn stretch(config: &Config, section: &Config) -> Result<Stretch> {
    const SHARED: [&str; 4] = ["rope_type", "type", "rope_theta", "partial_rotary_factor"];
    let kind = section.text_or("rope_type", section.text_or("type", "default")?)?;
    let number = |key: &str| match section.has(key) {
        true => section.positive_number_or(key, 1.0),
        false => Err(section.error(key, "the key is missing")),
    };
    // What belongs to another type is not used, as in transformers; what belongs to none is refused.
    const OWN: [&str; 4] = [
        "factor",
        "low_freq_factor",
        "high_freq_factor",
        ORIGINAL_CONTEXT,
    ];
    let stretch = match kind {
        "default" => Stretch::None,
        "linear" => Stretch::Linear {
            factor: number("factor")?,
        },
        "llama3" => {
            let (low, high) = (number("low_freq_factor")?, number("high_freq_factor")?);
            if low >= high {
                return Err(section.error("high_freq_factor", "must be above low_freq_factor"));
            }
            Stretch::Llama3 {
                factor: number("factor")?,
                low_frequency: low,
                high_frequency: high,
                original_context: original_context(config, section)?,
            }
        }
        other => {
            return Err(section.error(
                "rope_type",
                format!(
                    "`{other}` is not supported (default, linear and llama3 are): its angles would \
                     not be those that the model was trained with"
                ),
            ));
        }
    };
    let known = |key: &&str| SHARED.contains(key) || OWN.contains(key);
    match section.keys().into_iter().find(|key| !known(key)) {
        Some(key) => Err(section.error(key, "a setting of rotary positions that is not supported")),
        None => Ok(stretch),
    }
}

const ORIGINAL_CONTEXT: &str = "original_max_position_embeddings";

/// The context that a model was first trained with: beside the other settings, or else among them,
/// or else the model's context, in transformers' order.
fn original_context(config: &Config, section: &Config) -> Result<f64> {
    let context = config.size("max_position_embeddings")? as f64;
    let among = section.positive_number_or(ORIGINAL_CONTEXT, context)?;
    config.positive_number_or(ORIGINAL_CONTEXT, among)
}
