//! Rows of the tables that the stats stage makes of the words.

use crate::row::table;
use selectron_run::Site;
use selectron_run::pipeline::Statistic;
use selectron_run::vocabulary::{PositionContrast, Property};

table! {
    /// A neuron and a statistic: its test on the isolated words.
    TValueRow in TValues {
        /// The recording site.
        site: Site,
        /// The layer, from 0.
        layer: usize,
        /// The neuron, from 0.
        neuron: usize,
        /// The test, by its name in the pipeline file.
        statistic: Statistic,
        /// Pairs, or words of all categories in an unpaired test.
        n: usize,
        /// Words of category A in the test.
        n_a: usize,
        /// Words of category B in the test.
        n_b: usize,
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
        /// p by the permutation distribution of the largest statistic of the tests corrected together;
        /// null for `logit`.
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
        /// Share of words on the right side of the fitted boundary; for `logit`.
        accuracy: Option<f64>,
        /// Share of words in the larger category, which a constant guess reaches; for `logit`.
        accuracy_majority: Option<f64>,
    }
}

table! {
    /// A property of the words, compared between two categories.
    BalanceRow in Balance {
        /// The property: `characters`, `tokens`, `log_rank`, `position` or `capitals`.
        property: Property,
        /// The first category.
        category_a: String,
        /// The second category.
        category_b: String,
        /// Words of the first category.
        n_a: usize,
        /// Words of the second category.
        n_b: usize,
        /// Mean over the first category.
        mean_a: f64,
        /// Mean over the second category.
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
    /// A layer and a statistic: how many neurons are significant with the observed categories, or with
    /// the labels of the words shuffled once.
    NullRow in Nulls {
        /// The test.
        statistic: Statistic,
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// The shuffle, from 0; null for the observed categories.
        draw: Option<usize>,
        /// Neurons significant after the pipeline's correction.
        significant: usize,
        /// Neurons with p at most alpha, uncorrected.
        uncorrected: usize,
    }
}

table! {
    /// A significant neuron and a control category: whether it prefers its own category to that one
    /// too.
    ControlRow in Controls {
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// The neuron.
        neuron: usize,
        /// The test in which it is significant.
        statistic: Statistic,
        /// The category it prefers.
        prefers: String,
        /// The control category.
        control: String,
        /// Words of the preferred category.
        n_preferred: usize,
        /// Words of the control.
        n_control: usize,
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
    LeaveOneOutRow in LeaveOneOut {
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// The neuron.
        neuron: usize,
        /// The test.
        statistic: Statistic,
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
    /// A layer and a statistic: how well t over its neurons repeats between two halves of the words.
    ReliabilityRow in Reliability {
        /// The test.
        statistic: Statistic,
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// Random splits into halves.
        splits: usize,
        /// Mean correlation over the splits of t in one half with t in the other.
        correlation: Option<f64>,
        /// The lowest correlation of a split.
        lowest: Option<f64>,
        /// The highest.
        highest: Option<f64>,
        /// `correlation` stepped up from half the words to all of them (Spearman and Brown).
        reliability: Option<f64>,
    }
}

table! {
    /// A layer and two positions: what position alone does, by the same token at both, compared word by
    /// word.
    PositionRow in Position {
        /// The recording site.
        site: Site,
        /// The layer, from 0.
        layer: usize,
        /// The positions compared, from 0: `1-0` or `2-1`.
        contrast: PositionContrast,
        /// Words whose token was put at each position.
        words: usize,
        /// Neurons tested.
        tests: usize,
        /// Neurons that tell the two positions apart: paired t-test, Bonferroni within the layer,
        /// at the pipeline's alpha.
        significant: usize,
        /// Mean over the neurons of abs(d_z), the standardised mean difference; null where no
        /// neuron has one.
        mean_abs_d: Option<f64>,
    }
}
