//! Numbers as they are printed: a true minus sign, thousands separated, powers of ten raised.

/// The sign of a negative number; a hyphen is shorter and too low.
const MINUS: char = '\u{2212}';

/// A number with this many decimals.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "not a number".to_owned();
    }
    let digits = format!("{:.decimals$}", value.abs());
    // What rounds to zero has no sign.
    let negative = value < 0.0 && digits.chars().any(|c| c.is_ascii_digit() && c != '0');
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = String::new();
    if negative {
        text.push(MINUS);
    }
    text.push_str(&grouped(whole));
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A number with about three significant digits, as a colour key or a tooltip shows it.
pub fn short(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-3..1e6).contains(&magnitude) && magnitude.is_finite() {
        let sign = if value < 0.0 {
            MINUS.to_string()
        } else {
            String::new()
        };
        return format!("{sign}{}", power(magnitude.log10()));
    }
    let decimals = match magnitude {
        m if m >= 100.0 => 0,
        m if m >= 10.0 => 1,
        m if m >= 1.0 || m == 0.0 => 2,
        _ => 3,
    };
    fixed(value, decimals)
}

/// A tick's number: no more decimals than it needs.
pub fn tick(value: f64) -> String {
    let text = fixed(value, 4);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A count.
pub fn count(value: usize) -> String {
    grouped(&value.to_string())
}

/// A share as a percentage with a decimal.
pub fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "\u{2013}".to_owned();
    }
    format!("{}%", fixed(100.0 * part as f64 / whole as f64, 1))
}

/// A probability given by its decimal logarithm: plain down to a thousandth, then by its power of
/// ten, so that p = 1e-400 is printed as such.
pub fn probability(log10: f64) -> String {
    if log10 >= -3.0 {
        fixed(10_f64.powf(log10), 3)
    } else {
        power(log10)
    }
}

/// A probability of which no logarithm is kept; one too small for a double is bounded.
pub fn plain_probability(p: f64) -> String {
    if p < f64::MIN_POSITIVE {
        return "< 10⁻³⁰⁷".to_owned();
    }
    probability(p.log10())
}

/// `a.b × 10ⁿ` for the number with this decimal logarithm.
fn power(log10: f64) -> String {
    if !log10.is_finite() {
        return "0".to_owned();
    }
    let mut exponent = log10.floor();
    let mut mantissa = format!("{:.1}", 10_f64.powf(log10 - exponent));
    if mantissa == "10.0" {
        mantissa = "1.0".to_owned();
        exponent += 1.0;
    }
    format!(
        "{mantissa}\u{202f}×\u{202f}10{}",
        superscript(exponent as i64)
    )
}

/// An integer as superscript.
fn superscript(value: i64) -> String {
    value
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4' => '⁴',
            '5' => '⁵',
            '6' => '⁶',
            '7' => '⁷',
            '8' => '⁸',
            '9' => '⁹',
            _ => '⁰',
        })
        .collect()
}

/// Digits in groups of three from the right; four digits stay together only below 1,000.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_print() {
        assert_eq!(fixed(-1234.5, 1), "−1,234.5");
        assert_eq!(fixed(-0.004, 2), "0.00");
        assert_eq!(fixed(f64::NAN, 2), "not a number");
        assert_eq!(tick(-2.50), "−2.5");
        assert_eq!(tick(10.0), "10");
        assert_eq!(count(6144), "6,144");
        assert_eq!(count(999), "999");
        assert_eq!(percent(1, 8), "12.5%");
        assert_eq!(percent(0, 0), "–");
        assert_eq!(short(-12.345), "−12.3");
        assert_eq!(short(1.234e-5), "1.2\u{202f}×\u{202f}10⁻⁵");
    }

    #[test]
    fn tiny_probabilities_keep_their_exponent() {
        assert_eq!(probability((0.0412_f64).log10()), "0.041");
        assert_eq!(probability(-400.0), "1.0\u{202f}×\u{202f}10⁻⁴⁰⁰");
        assert_eq!(probability(-5.001), "1.0\u{202f}×\u{202f}10⁻⁵");
        assert_eq!(probability(f64::NEG_INFINITY), "0");
        assert_eq!(plain_probability(0.0), "< 10⁻³⁰⁷");
        assert_eq!(plain_probability(1.0), "1.000");
    }
}
