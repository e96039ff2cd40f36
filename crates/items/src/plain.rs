//! Reading plain text: its sentences and words by the rules of Unicode
//! (<https://www.unicode.org/reports/tr29/>).

use crate::document::{Document, Word};
use unicode_segmentation::UnicodeSegmentation;

/// One document of the whole text. A sentence counts if there is a word in it.
pub(crate) fn document(text: &str) -> Document {
    let mut document = Document::default();
    for sentence in text.split_sentence_bounds() {
        let words = document.words.len();
        let mut start = document.length;
        for piece in sentence.split_word_bounds() {
            let end = start + piece.chars().count();
            if piece.chars().any(char::is_alphanumeric) {
                document.words.push(Word {
                    span: start..end,
                    form: piece.to_owned(),
                    lemma: None,
                    upos: None,
                    sentence: document.sentences,
                });
            }
            start = end;
        }
        document.push(sentence);
        document.sentences += usize::from(document.words.len() > words);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_sentences_are_found_in_plain_text() {
        let text = "Élan isn't all. Is it?\n\n 3.5 percent!";
        let document = document(text);
        assert_eq!(document.text, text);
        let characters: Vec<_> = text.chars().collect();
        let words: Vec<_> = document
            .words
            .iter()
            .map(|word| {
                let spelt: String = characters[word.span.clone()].iter().collect();
                assert_eq!(spelt, word.form);
                (word.form.as_str(), word.sentence)
            })
            .collect();
        let expected = [
            ("Élan", 0),
            ("isn't", 0),
            ("all", 0),
            ("Is", 1),
            ("it", 1),
            ("3.5", 2),
            ("percent", 2),
        ];
        assert_eq!(words, expected);
        assert_eq!(document.sentences, 3);
    }
}
