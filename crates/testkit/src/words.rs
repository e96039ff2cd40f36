//! Rows of `words.parquet`.

use selectron_tables::rows::WordRow;

/// The words of some categories, each with its name, in the order of the pipeline. Where the first two
/// categories have as many words as each other they are paired, k-th with k-th.
pub fn words<W: AsRef<str>>(categories: &[(&str, &[W])]) -> Vec<WordRow> {
    let size = |index: usize| categories.get(index).map(|(_, words)| words.len());
    let paired = size(0) == size(1);
    let mut rows = Vec::new();
    for (index, (category, words)) in categories.iter().enumerate() {
        for (rank, word) in words.iter().enumerate() {
            rows.push(WordRow {
                item: rows.len(),
                category: (*category).to_owned(),
                word: word.as_ref().to_owned(),
                rank,
                pair: (paired && index < 2).then_some(rank),
                token_ids: vec![1],
                token_start: 0,
                token_end: 1,
            });
        }
    }
    rows
}

/// Words of so many for each of the categories `c0`, `c1`, …: `w0x0`, `w0x1`, … `w1x0`, ….
pub fn numbered_words(sizes: &[usize]) -> Vec<WordRow> {
    let of_category = |(index, size): (usize, &usize)| {
        let words: Vec<_> = (0..*size).map(|rank| format!("w{index}x{rank}")).collect();
        (format!("c{index}"), words)
    };
    let named: Vec<_> = sizes.iter().enumerate().map(of_category).collect();
    let categories: Vec<_> = named
        .iter()
        .map(|(name, words)| (name.as_str(), words.as_slice()))
        .collect();
    words(&categories)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_numbered_through_and_paired_where_they_can_be() {
        let rows = numbered_words(&[2, 2, 1]);
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.item, row.category.as_str(), row.word.as_str(), row.pair))
            .collect();
        let expected = [
            (0, "c0", "w0x0", Some(0)),
            (1, "c0", "w0x1", Some(1)),
            (2, "c1", "w1x0", Some(0)),
            (3, "c1", "w1x1", Some(1)),
            (4, "c2", "w2x0", None),
        ];
        assert_eq!(seen, expected);
        assert!(numbered_words(&[2, 3]).iter().all(|row| row.pair.is_none()));
    }
}
