//! Names that tables and the manifest use, and that no pipeline file chooses.

use crate::named::named;

named! {
    /// How observations are rearranged to see what chance alone finds.
    "kind of rearrangement" Rearrangement {
        /// The sign of each pair's difference is kept or flipped at random.
        SignFlips = "sign flips",
        /// The labels of all words are shuffled.
        LabelShuffles = "label shuffles",
    }
}

named! {
    /// What tells which category a word of a text belongs to.
    "source of labels" LabelSource {
        /// The tags of the text.
        PartsOfSpeech = "parts of speech",
        /// The categories' word lists.
        WordLists = "word lists",
        /// Tags for some categories, word lists for the others.
        Both = "parts of speech and word lists",
    }
}

named! {
    /// Where the null distribution of the best neuron in a text comes from.
    "null in text" TextNull {
        /// The labels of the words are shuffled.
        Shuffled = "shuffled",
        /// Each word type has a random label that it keeps throughout.
        Control = "control",
    }
}

named! {
    /// Why a token is shown as an example.
    "kind of example" ExampleKind {
        /// It drives the neuron most.
        Most = "most",
        /// It drives the neuron least.
        Least = "least",
        /// It was drawn at random from a slice of the range between.
        Between = "between",
    }
}

named! {
    /// Two positions at which the same token is compared.
    "pair of positions" PositionContrast {
        /// The second position with the first.
        SecondFirst = "1-0",
        /// The third position with the second.
        ThirdSecond = "2-1",
    }
}

named! {
    /// A property of the words in which two categories may differ.
    "property of words" Property {
        /// Number of characters.
        Characters = "characters",
        /// Number of tokens.
        Tokens = "tokens",
        /// Natural logarithm of the word's place in its list, counted from 1.
        LogRank = "log_rank",
        /// Position of the tokens whose activation is taken, from 0.
        Position = "position",
        /// Share of its characters that are capital letters.
        Capitals = "capitals",
    }
}
