//! Text from the input, made fit to be shown: every character of it is allowed in XML and HTML, and
//! none can reorder or hide what surrounds it.

/// Stands for a character that cannot be shown.
const REPLACEMENT: char = '\u{fffd}';

/// Replaces what XML forbids (control characters, non-characters) and the invisible controls that
/// reorder text to the end of the line, which would garble whatever follows. Line breaks and
/// tabs stay.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if is_unfit(c) { REPLACEMENT } else { c })
        .collect()
}

fn is_unfit(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        // Bidirectional embeddings, overrides and isolates (Unicode Standard Annex 9).
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => {
            c.is_control()
                || (c as u32 & 0xfffe) == 0xfffe
                || ('\u{fdd0}'..='\u{fdef}').contains(&c)
        }
    }
}

/// Cleans and escapes text for the content or a double-quoted attribute of an SVG element.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if is_unfit(c) => escaped.push(REPLACEMENT),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Shows white space that is a token of its own: a line break, a tab, spaces.
pub fn visible_space(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' => '\u{21b5}',
            '\t' => '\u{21e5}',
            _ => '\u{2423}',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_and_controls_lose_their_power() {
        assert_eq!(escape("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
        assert_eq!(escape("]]>"), "]]&gt;");
        assert_eq!(
            clean("a\u{0}b\u{1b}\u{202e}\u{ffff}c\n"),
            "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}c\n"
        );
        assert_eq!(clean("שלום 😀 e\u{301}"), "שלום 😀 e\u{301}");
    }

    proptest! {
        #[test]
        fn escaped_text_is_well_formed_xml(text: String) {
            let document = format!("<t a=\"{0}\">{0}</t>", escape(&text));
            let read = resvg::usvg::roxmltree::Document::parse(&document);
            prop_assert!(read.is_ok(), "{document:?}: {read:?}");
            let expected = clean(&text).replace("\r\n", "\n").replace('\r', "\n");
            let read = read.map(|document| {
                document.root_element().text().unwrap_or_default().to_owned()
            });
            prop_assert_eq!(read.ok(), Some(expected));
        }
    }
}
