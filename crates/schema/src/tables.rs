//! The small tables of a run directory, one struct a table, one field a column.
//!
//! Their names and columns are a contract: other programs read them.

mod text;

pub use text::*;

use crate::table::table;

table! {
    /// A word that was put before the model.
    WordRow in "words" {
        /// Number of the word in this run, from 0; `activations.parquet` refers to it.
        item: i32,
        /// The word's category.
        category: String,
        /// The word itself.
        word: String,
        /// Its line in its list, from 0.
        rank: i32,
        /// Number of the pair it belongs to, from 0; null for a word without a partner.
        pair: Option<i32>,
        /// What the model was given for it, a beginning-of-sequence token or carrier included.
        token_ids: Vec<i32>,
        /// Index in `token_ids` of the word's own first token.
        token_start: i32,
        /// Index in `token_ids` past the word's own last token.
        token_end: i32,
    }
}

table! {
    /// A neuron's test.
    TValueRow in "tvalues" {
        /// The recording site.
        site: String,
        /// The layer, from 0.
        layer: i32,
        /// The neuron, from 0.
        neuron: i32,
        /// The test, by its name in the pipeline file.
        statistic: String,
        /// Pairs, or words of all categories in an unpaired test.
        n: i32,
        /// Words of category A in the test.
        n_a: i32,
        /// Words of category B in the test.
        n_b: i32,
        /// Mean activation over category A.
        mean_a: f64,
        /// Mean activation over category B.
        mean_b: f64,
        /// `mean_a - mean_b`.
        mean_diff: f64,
        /// Standard deviation of the pairs' differences (n - 1); null in an unpaired test.
        sd_diff: Option<f64>,
        /// The test statistic; null where undefined. Of a t-test its t; of `rank-sum` and
        /// `signed-rank` the standard normal z; of `logit` the signed root of the likelihood ratio:
        /// all positive where A is higher. Of `anova` F and of `kruskal` H, which have no sign.
        t: Option<f64>,
        /// Degrees of freedom: of t, of F between the categories, of H; null where t is, and where
        /// the statistic is a z.
        df: Option<f64>,
        /// Degrees of freedom of F within the categories.
        df_within: Option<f64>,
        /// Two-sided p; null where t is.
        p: Option<f64>,
        /// log10 of p, also where p itself is too small for a double.
        log10_p: Option<f64>,
        /// p after the pipeline's correction: one of the next columns, or p itself.
        p_adjusted: Option<f64>,
        /// p after Bonferroni's correction.
        p_bonferroni: Option<f64>,
        /// p after Holm's correction.
        p_holm: Option<f64>,
        /// p after Hochberg's correction.
        p_hochberg: Option<f64>,
        /// p after Benjamini and Hochberg's correction, a false-discovery rate.
        p_bh: Option<f64>,
        /// p after Benjamini and Yekutieli's correction, a false-discovery rate.
        p_by: Option<f64>,
        /// p by the permutation distribution of the family's largest statistic; null for `logit`.
        p_max_t: Option<f64>,
        /// Whether `p_adjusted` is at most the pipeline's alpha.
        significant: bool,
        /// The category with the highest mean, where significant.
        prefers: Option<String>,
        /// Standardised mean difference: of the differences in a paired test (d_z), else by the
        /// pooled standard deviation of A and B.
        cohen_d: Option<f64>,
        /// Lower end of the confidence interval of `cohen_d`, at 1 - alpha, uncorrected.
        d_low: Option<f64>,
        /// Upper end of it.
        d_high: Option<f64>,
        /// `cohen_d` without its bias in small samples.
        hedges_g: Option<f64>,
        /// Lower end of the confidence interval of `hedges_g`, at 1 - alpha, uncorrected.
        g_low: Option<f64>,
        /// Upper end of it.
        g_high: Option<f64>,
        /// Lower end of the confidence interval of `mean_diff`, at 1 - alpha, uncorrected.
        ci_low: Option<f64>,
        /// Upper end of it.
        ci_high: Option<f64>,
        /// Probability that a word of A activates the neuron more than a word of B.
        auc: Option<f64>,
        /// Lower end of the confidence interval of `auc`, at 1 - alpha, uncorrected.
        auc_low: Option<f64>,
        /// Upper end of it.
        auc_high: Option<f64>,
        /// Share of the variance that lies between the categories; for `anova` and `kruskal`.
        eta_squared: Option<f64>,
        /// Lower end of the confidence interval of `eta_squared`, at 1 - alpha; for `anova`.
        eta_low: Option<f64>,
        /// Upper end of it.
        eta_high: Option<f64>,
        /// Change of the log odds of A for one standard deviation more; for `logit`.
        slope: Option<f64>,
        /// Whether the categories separate, so that the fit is Firth's; for `logit`.
        penalised: Option<bool>,
        /// Whether the fit converged; for `logit`. One that did not has no t.
        converged: Option<bool>,
        /// Share of words on the right side of the fitted border; for `logit`.
        accuracy: Option<f64>,
        /// Share of words in the larger category, which a guess reaches; for `logit`.
        accuracy_majority: Option<f64>,
    }
}

table! {
    /// A property of the words, compared between two categories.
    BalanceRow in "balance" {
        /// The property: `characters`, `tokens`, `log_rank`, `position` or `capitals`.
        property: String,
        /// One category.
        category_a: String,
        /// The other.
        category_b: String,
        /// Words of the one.
        n_a: i32,
        /// Words of the other.
        n_b: i32,
        /// Mean over the one.
        mean_a: f64,
        /// Mean over the other.
        mean_b: f64,
        /// `mean_a - mean_b`.
        mean_diff: f64,
        /// Welch's t; null where the property does not vary.
        t: Option<f64>,
        /// Degrees of freedom.
        df: Option<f64>,
        /// Two-sided p.
        p: Option<f64>,
        /// Whether the categories differ in it: p at most alpha, or both constant and unequal.
        differs: bool,
    }
}

table! {
    /// How many neurons were significant, and how many when the words were dealt out at random.
    NullRow in "nulls" {
        /// The test.
        statistic: String,
        /// The recording site.
        site: String,
        /// The layer.
        layer: i32,
        /// The random deal, from 0; null for the observed categories.
        draw: Option<i32>,
        /// Neurons significant after the pipeline's correction.
        significant: i32,
        /// Neurons with p at most alpha, uncorrected.
        uncorrected: i32,
    }
}

table! {
    /// Whether a significant neuron prefers its category to a control category too.
    ControlRow in "controls" {
        /// The recording site.
        site: String,
        /// The layer.
        layer: i32,
        /// The neuron.
        neuron: i32,
        /// The test in which it is significant.
        statistic: String,
        /// The category it prefers.
        prefers: String,
        /// The control category.
        control: String,
        /// Words of the preferred category.
        n_preferred: i32,
        /// Words of the control.
        n_control: i32,
        /// Mean over the preferred category.
        mean_preferred: f64,
        /// Mean over the control.
        mean_control: f64,
        /// Welch's t, positive where the preferred category is higher; null where undefined.
        t: Option<f64>,
        /// Degrees of freedom.
        df: Option<f64>,
        /// Two-sided p.
        p: Option<f64>,
        /// p after Holm's correction over all rows of the same statistic.
        p_adjusted: Option<f64>,
        /// Probability that a preferred word activates the neuron more than a control word.
        auc: Option<f64>,
        /// Whether the neuron beats the control: t > 0 and `p_adjusted` at most alpha.
        beats: bool,
    }
}

table! {
    /// A selected neuron's test without one pair, or without one word in an unpaired test.
    LeaveOneOutRow in "leave_one_out" {
        /// The recording site.
        site: String,
        /// The layer.
        layer: i32,
        /// The neuron.
        neuron: i32,
        /// The test.
        statistic: String,
        /// The word that was left out; of a pair the one of A.
        word: String,
        /// The other word of the pair, in a paired test.
        partner: Option<String>,
        /// The category of `word`.
        category: String,
        /// The test statistic without it.
        t: Option<f64>,
        /// Its p.
        p: Option<f64>,
    }
}

table! {
    /// How well t over the neurons of a layer repeats between two halves of the words.
    ReliabilityRow in "reliability" {
        /// The test.
        statistic: String,
        /// The recording site.
        site: String,
        /// The layer.
        layer: i32,
        /// Random splits in halves.
        splits: i32,
        /// Mean correlation over the splits of t in one half with t in the other.
        correlation: Option<f64>,
        /// The lowest correlation of a split.
        lowest: Option<f64>,
        /// The highest.
        highest: Option<f64>,
        /// `correlation` stepped up to all the words (Spearman and Brown).
        reliability: Option<f64>,
    }
}

table! {
    /// What position alone does to a layer: the same token at two positions, compared word by word.
    PositionRow in "position" {
        /// The recording site.
        site: String,
        /// The layer, from 0.
        layer: i32,
        /// The positions compared: `1-0` or `2-1`.
        contrast: String,
        /// Words of which a token was placed at each position.
        words: i32,
        /// Neurons tested.
        tests: i32,
        /// Neurons that tell the two positions apart: paired t-test, Bonferroni within the layer, at
        /// the pipeline's alpha.
        significant: i32,
        /// Mean over the neurons of abs(d_z), the standardised mean difference; null where no neuron
        /// has one.
        mean_abs_d: Option<f64>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Provenance, Row, TableWriter, read_table, write_table};

    fn word(item: i32) -> WordRow {
        WordRow {
            item,
            category: "noun".to_owned(),
            word: format!("word{item}"),
            rank: item,
            pair: (item % 2 == 0).then_some(item / 2),
            token_ids: vec![0; item as usize],
            token_start: 0,
            token_end: item,
        }
    }

    #[test]
    fn a_table_reads_back_as_it_was_written_from_one_file_or_from_parts() {
        let folder = tempfile::tempdir().unwrap();
        let provenance = Provenance::new("test");
        let rows: Vec<_> = (0..5).map(word).collect();
        let file = folder.path().join("words.parquet");
        write_table(&file, &provenance, &rows).unwrap();
        assert_eq!(read_table::<WordRow>(&file, &provenance).unwrap(), rows);

        let parts = folder.path().join("parts.parquet");
        std::fs::create_dir(&parts).unwrap();
        write_table(parts.join("part-00000.parquet"), &provenance, &rows[..2]).unwrap();
        write_table(parts.join("part-00001.parquet"), &provenance, &rows[2..]).unwrap();
        assert_eq!(read_table::<WordRow>(&parts, &provenance).unwrap(), rows);
    }

    #[test]
    fn another_pipelines_table_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.parquet");
        write_table(&path, &Provenance::new("one"), &[word(0)]).unwrap();
        let error = read_table::<WordRow>(&path, &Provenance::new("two")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("belongs to the pipeline `one`, not to `two`")
        );
        let error = read_table::<TokenRow>(&path, &Provenance::new("one")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("holds the table `words`, not `tokens`")
        );
    }

    #[test]
    fn a_missing_truncated_or_foreign_file_is_a_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let provenance = Provenance::new("test");
        let path = folder.path().join("words.parquet");
        let missing = read_table::<WordRow>(&path, &provenance)
            .unwrap_err()
            .to_string();
        assert!(missing.contains("run `cargo xtask extract`"), "{missing}");
        write_table(&path, &provenance, &[word(0)]).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let truncated = read_table::<WordRow>(&path, &provenance)
            .unwrap_err()
            .to_string();
        assert!(
            truncated.contains("not a readable Parquet file"),
            "{truncated}"
        );
    }

    #[test]
    fn the_contracts_columns_are_there() {
        let names = |fields: Vec<arrow::datatypes::Field>| -> Vec<String> {
            fields
                .iter()
                .map(|field| format!("{}:{}", field.name(), field.data_type()))
                .collect()
        };
        insta::assert_debug_snapshot!([
            names(WordRow::fields()),
            names(TokenRow::fields()),
            names(TValueRow::fields()),
            names(BalanceRow::fields()),
            names(NullRow::fields()),
            names(ControlRow::fields()),
            names(LeaveOneOutRow::fields()),
            names(ReliabilityRow::fields()),
        ]);
    }

    #[test]
    fn rows_may_be_streamed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.parquet");
        let provenance = Provenance::new("test");
        let mut writer = TableWriter::create(&path, &provenance).unwrap();
        writer.write(&[word(0), word(1)]).unwrap();
        writer.write(&[word(2)]).unwrap();
        assert!(!path.exists());
        assert_eq!(writer.close().unwrap(), 3);
        assert_eq!(read_table::<WordRow>(&path, &provenance).unwrap().len(), 3);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn a_damaged_table_is_rows_or_a_sentence(place in 0.0_f64..1.0, bit in 0_u8..8, cut: bool) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("words.parquet");
            let provenance = Provenance::new("test");
            let rows: Vec<_> = (0..20).map(word).collect();
            write_table(&path, &provenance, &rows).unwrap();
            let mut bytes = std::fs::read(&path).unwrap();
            let place = (place * bytes.len() as f64) as usize;
            if cut {
                bytes.truncate(place);
            } else {
                bytes[place] ^= 1 << bit;
            }
            std::fs::write(&path, bytes).unwrap();
            // Any outcome but a panic will do: the run's hashes tell a damaged table from a sound
            // one, and this test that reading one is safe.
            let _ = read_table::<WordRow>(&path, &provenance);
        }
    }
}
