//! Rows of the tables that the stats stage makes of the text: how the neurons perform in it.

use crate::row::table;
use selectron_run::Site;
use selectron_run::vocabulary::{ExampleKind, TextNull};

table! {
    /// A neuron: how it tells the categories apart in the text. Unless a column says otherwise, it is
    /// about scored words that were not among the stimuli.
    GeneralizationRow in Generalization {
        /// The recording site.
        site: Site,
        /// The layer, from 0.
        layer: usize,
        /// The neuron, from 0.
        neuron: usize,
        /// Words of category A.
        n_a: usize,
        /// Words of category B.
        n_b: usize,
        /// All other words, of whatever category or of none.
        n_other: usize,
        /// Probability that a word of A activates the neuron more than a word of B, ties counting
        /// half; null where a category has no word.
        auc: Option<f64>,
        /// Lower end of its 95 % interval (DeLong et al. 1988); null with fewer than two words.
        auc_low: Option<f64>,
        /// Upper end of it.
        auc_high: Option<f64>,
        /// AUC of A against every other word, B included.
        auc_a_rest: Option<f64>,
        /// Lower end of its 95 % interval (DeLong).
        auc_a_rest_low: Option<f64>,
        /// Upper end of it.
        auc_a_rest_high: Option<f64>,
        /// AUC of B against every other word, A included.
        auc_b_rest: Option<f64>,
        /// Lower end of its 95 % interval (DeLong).
        auc_b_rest_low: Option<f64>,
        /// Upper end of it.
        auc_b_rest_high: Option<f64>,
        /// Stimuli of A among the words of the text.
        n_a_seen: usize,
        /// Stimuli of B among the words of the text.
        n_b_seen: usize,
        /// AUC of A against B over the stimuli only.
        auc_seen: Option<f64>,
        /// AUC of A against B over all words, seen and unseen.
        auc_all: Option<f64>,
        /// Mean activation over the words of A.
        mean_a: Option<f64>,
        /// Mean activation over the words of B.
        mean_b: Option<f64>,
        /// Welch's t of A against B.
        t: Option<f64>,
        /// Its degrees of freedom.
        df: Option<f64>,
        /// Its two-sided p, which takes words to be independent.
        p: Option<f64>,
        /// log10 of p.
        log10_p: Option<f64>,
        /// Standardised difference of the means of A and B, by their pooled standard deviation.
        cohen_d: Option<f64>,
        /// Share of shuffles of the words' labels, the observed labels counted, in which the best neuron
        /// of the same site and layer has an AUC as far from 1/2 as this one.
        p_shuffled: Option<f64>,
        /// AUC of this neuron where each word type has a random category that it keeps throughout
        /// the text (the first of the control tasks; Hewitt and Liang 2019, arXiv:1909.03368).
        auc_control: Option<f64>,
        /// Share of control tasks, the observed labels counted, in which the best neuron of the same site
        /// and layer has an AUC as far from 1/2 as this one.
        p_control: Option<f64>,
        /// AUC of another neuron of the same layer, drawn at random.
        auc_random: Option<f64>,
        /// Share of words of the neuron's category among the 1 % of all scored words that drive it
        /// most; its category is the one it prefers by `auc`.
        top_share: Option<f64>,
        /// Whether the neuron is among those that are shown; only these have the columns that
        /// follow.
        shown: bool,
        /// Lower end of the 95 % interval of `auc` from resampling whole sentences.
        auc_boot_low: Option<f64>,
        /// Upper end of it.
        auc_boot_high: Option<f64>,
        /// Activation from which a word counts as one of the category that the neuron is shown for,
        /// against all other words; chosen for the largest MCC on every second document (of a
        /// single one: on every second sentence).
        threshold: Option<f64>,
        /// Precision of that threshold in the other half of the text.
        precision: Option<f64>,
        /// Recall in the other half.
        recall: Option<f64>,
        /// F1 in the other half.
        f1: Option<f64>,
        /// Matthews' correlation coefficient in the other half.
        mcc: Option<f64>,
    }
}

table! {
    /// A neuron and a part of speech: its mean activation over those words, seen and unseen.
    UposMeanRow in UposMeans {
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// The neuron.
        neuron: usize,
        /// The part of speech; `PUNCT` for punctuation. In plain text the category.
        upos: String,
        /// Words.
        n: usize,
        /// Mean activation.
        mean: f64,
        /// Standard deviation (n - 1); null for a single word.
        sd: Option<f64>,
    }
}

table! {
    /// A neuron: the category that it prefers to all others, in isolated words and in the text.
    PreferenceRow in Preferences {
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// The neuron.
        neuron: usize,
        /// The category that it prefers to every other one among the isolated words: for each other
        /// category the one-sided Mann-Whitney p, Bonferroni-corrected over the layer's neurons, is
        /// at most alpha. Null where there is none.
        in_words: Option<String>,
        /// The same in the text, over unseen words.
        in_text: Option<String>,
    }
}

table! {
    /// A layer and a random draw: what its best neuron reaches in the text by chance.
    TextNullRow in TextNulls {
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// `shuffled` (words' labels) or `control` (word types' labels).
        kind: TextNull,
        /// The random draw, from 0.
        draw: usize,
        /// The largest AUC of any neuron.
        highest: f64,
        /// The smallest.
        lowest: f64,
    }
}

table! {
    /// A layer: how effects in isolated words carry over to the text.
    TransferRow in Transfer {
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// Neurons with both effects.
        neurons: usize,
        /// Pearson's correlation over neurons of t in isolation with AUC in text.
        correlation: Option<f64>,
        /// Spearman's correlation of the same.
        rank_correlation: Option<f64>,
        /// Pearson's correlation of d in isolation with d in text.
        d_correlation: Option<f64>,
        /// Neurons significant in isolation.
        significant: usize,
        /// Those of them with the same sign in text.
        same_sign: usize,
        /// Size of the two lists that are compared: 50, or half the neurons if there are fewer than
        /// 100.
        top: usize,
        /// Neurons among the `top` by abs(t) in isolation and among the `top` by abs(AUC - 1/2) in
        /// text.
        shared_top: usize,
    }
}

table! {
    /// A token in its context, as an example of what drives a shown neuron.
    ExampleRow in Examples {
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// The neuron.
        neuron: usize,
        /// `most` or `least` activating, or `between`: one drawn at random from each of equal
        /// slices of the range in between.
        kind: ExampleKind,
        /// Its place among those of its kind, from 0.
        rank: usize,
        /// The document.
        document: usize,
        /// The window.
        window: usize,
        /// The position.
        position: usize,
        /// The activation.
        activation: f64,
        /// What comes before the token, at most 60 characters.
        before: String,
        /// The token.
        token: String,
        /// What comes after it, at most 60 characters.
        after: String,
        /// The part of speech of its word.
        upos: Option<String>,
        /// The category of its word.
        category: Option<String>,
    }
}

table! {
    /// A layer and two presentations: the same words in both, compared word by word.
    ContextGapRow in ContextGap {
        /// The recording site.
        site: Site,
        /// The layer.
        layer: usize,
        /// One presentation: `bare`, `space`, `bos`, `bos-space`, a carrier, or `text` for the mean
        /// over the word's occurrences in the text.
        from: String,
        /// The other presentation.
        to: String,
        /// Words that are in both.
        items: usize,
        /// Mean over neurons of Pearson's correlation over items.
        correlation: Option<f64>,
        /// Mean over neurons of the difference of means (to - from), in standard deviations of
        /// `from`.
        mean_shift: Option<f64>,
        /// Mean over neurons of the absolute value of that difference.
        mean_abs_shift: Option<f64>,
        /// Neurons significant in `from` (Welch's t of A against B, Bonferroni within the layer).
        significant: usize,
        /// Those of them that are significant in `to` with the same sign.
        kept: usize,
    }
}
