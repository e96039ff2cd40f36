//! What must hold of every model without any reference: the residual stream adds up, and a sequence
//! does not feel the company it is computed in.

use super::reference::{BACKENDS, REFERENCES, Reference, record, relative_error, tolerance};
use crate::model::{Network, TokenBatch};
use crate::parts::Norm;
use crate::recorder::Recorded;
use proptest::prelude::*;
use selectron_run::Site;
use selectron_run::pipeline::Layers;

/// The activations of one sequence, to look up by site and layer.
struct Pass(Vec<Recorded<'static>>);

impl Pass {
    fn of(network: &Network, ids: &[u32]) -> Self {
        let sites: Vec<_> = network.sites().collect();
        Self(record(network, &[ids], &sites))
    }

    fn at(&self, site: Site, layer: usize) -> Option<&[f32]> {
        let mut all = self.0.iter();
        let found = all.find(|recorded| (recorded.site, recorded.layer) == (site, layer));
        found.map(|recorded| &*recorded.values)
    }
}

fn sum(parts: &[&[f32]]) -> Vec<f32> {
    let length = parts[0].len();
    let at = |index| parts.iter().map(|part| part[index]).sum();
    (0..length).map(at).collect()
}

#[test]
fn the_residual_stream_adds_up() {
    for name in REFERENCES {
        let reference = Reference::open(name);
        let network = reference.network("flex");
        let ids = reference.sequences().pop().unwrap();
        let pass = Pass::of(&network, &ids);
        let at = |site, layer| pass.at(site, layer).unwrap();
        assert_eq!(at(Site::Embed, 0), at(Site::ResidPre, 0));
        for layer in 0..network.shape().layers {
            let (pre, post) = (at(Site::ResidPre, layer), at(Site::ResidPost, layer));
            let (attention, mlp) = (at(Site::AttnOut, layer), at(Site::MlpOut, layer));
            match pass.at(Site::ResidMid, layer) {
                None => assert!(relative_error(&sum(&[mlp, attention, pre]), post) < 1e-6),
                Some(mid) if network.shape().family != "bert" => {
                    assert_eq!(sum(&[pre, attention]), mid, "{name}");
                    assert_eq!(sum(&[mid, mlp]), post, "{name}");
                }
                // The sums are recorded after their normalisation; each token's vector then has, but
                // for scale and shift, mean 0 and variance 1. The norms are held in float64 below.
                Some(mid) => {
                    let normed = |name: &str, x: &[f32]| bert_norm(&reference, layer, name, x);
                    let ours = normed("attention.output.LayerNorm", &sum(&[attention, pre]));
                    assert!(relative_error(&ours, mid) < 1e-6, "{name}");
                    let ours = normed("output.LayerNorm", &sum(&[mlp, mid]));
                    assert!(relative_error(&ours, post) < 1e-6, "{name}");
                }
            }
            if layer > 0 {
                assert_eq!(at(Site::ResidPost, layer - 1), pre);
            }
        }
    }
}

/// A normalisation of a BERT block, computed in float64 from the checkpoint's own weights.
fn bert_norm(reference: &Reference, layer: usize, name: &str, x: &[f32]) -> Vec<f32> {
    let config = reference.checkpoint.config();
    let epsilon = config.positive_number_or("layer_norm_eps", 0.5).unwrap();
    let read = |part: &str| reference.weight(&format!("encoder.layer.{layer}.{name}.{part}"));
    layer_norm_in_float64(x, &read("weight"), &read("bias"), epsilon)
}

fn layer_norm_in_float64(x: &[f32], scale: &[f32], shift: &[f32], epsilon: f64) -> Vec<f32> {
    let mut out = Vec::new();
    for row in x.chunks(scale.len()) {
        let row: Vec<_> = row.iter().map(|x| f64::from(*x)).collect();
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / row.len() as f64;
        for (x, (scale, shift)) in row.iter().zip(scale.iter().zip(shift)) {
            let normed = (x - mean) / (variance + epsilon).sqrt();
            out.push((normed * f64::from(*scale) + f64::from(*shift)) as f32);
        }
    }
    out
}

#[test]
fn norms_agree_with_float64() {
    let reference = Reference::open("gpt_neo");
    let open = reference.checkpoint.open_weights().unwrap();
    for backend in BACKENDS {
        let device = crate::device::open(backend).unwrap().device;
        let weights = crate::checkpoint::Weights::new(&open, &device).unwrap();
        let name = "transformer.ln_f";
        let x: Vec<f32> = (0..320_i16).map(|i| f32::from(i % 23) - 3.0).collect();
        let read = |part: &str| reference.weight(&format!("{name}.{part}"));
        let tensor = || {
            let data = burn::tensor::TensorData::new(x.clone(), [1, 10, 32]);
            burn::tensor::Tensor::<3>::from_data(data, &device)
        };
        let values = |norm: &Norm| {
            norm.forward(tensor())
                .into_data()
                .try_to_vec::<f32>()
                .unwrap()
        };
        let layer = Norm::load_layer(&weights, name, 32, 1e-5).unwrap();
        let expected = layer_norm_in_float64(&x, &read("weight"), &read("bias"), 1e-5);
        let tolerance = tolerance(backend) / 10.0;
        assert!(relative_error(&values(&layer), &expected) < tolerance);

        let rms = Norm::load_rms(&weights, name, 32, 1e-5).unwrap();
        let scale = read("weight");
        let mut expected = Vec::new();
        for row in x.chunks(32) {
            let square = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / 32.0;
            let scaled = row.iter().zip(&scale);
            let root = (square + 1e-5).sqrt();
            expected.extend(scaled.map(|(x, s)| (f64::from(*x) / root * f64::from(*s)) as f32));
        }
        assert!(relative_error(&values(&rms), &expected) < tolerance);
    }
}

#[test]
fn the_pass_stops_when_it_has_what_was_asked_for() {
    for name in REFERENCES {
        let network = Reference::open(name).network("flex");
        let layers = "1".parse().unwrap();
        let request = network.request(&[Site::MlpPre], &layers).unwrap();
        let mut seen = Vec::new();
        let batch = TokenBatch::new(&[&[1, 2, 3]]).unwrap();
        network
            .record(&batch, &request, &mut |recorded| {
                seen.push((recorded.site, recorded.layer));
                Ok(())
            })
            .unwrap();
        assert_eq!(seen, [(Site::MlpPre, 1)]);
    }
}

#[test]
fn what_a_model_cannot_do_is_refused() {
    let network = Reference::open("gpt_neo").network("flex");
    let layers = network
        .request(&[Site::MlpPre], &"4".parse().unwrap())
        .unwrap_err()
        .to_string();
    assert!(
        layers.contains("layer 4 does not exist: the model has 4 layers"),
        "{layers}"
    );
    let request = network.request(&[Site::Embed], &Layers::All).unwrap();
    let run = |ids: &[u32]| {
        let batch = TokenBatch::new(&[ids]).unwrap();
        network
            .record(&batch, &request, &mut |_| Ok(()))
            .unwrap_err()
            .to_string()
    };
    assert!(run(&[512]).contains("id 512, but the model knows 512 tokens"));
    assert!(run(&[1; 65]).contains("longer than the model's context of 64"));
    assert!(TokenBatch::new(&[&[1, 2], &[]]).is_err());
    assert!(TokenBatch::new(&[]).is_err());
}

#[test]
fn a_site_that_a_model_lacks_is_refused_by_name() {
    let refuse = |name: &str, site: Site| {
        let network = Reference::open(name).network("flex");
        let error = network.request(&[site], &Layers::All).unwrap_err();
        error.to_string()
    };
    let parallel = refuse("gpt_neox", Site::ResidMid);
    assert!(
        parallel.starts_with("this gpt_neox model has no site `resid.mid`: its attention and MLP"),
        "{parallel}"
    );
    assert!(parallel.contains("choose among embed, resid.pre,"));
    let bert = refuse("bert", Site::FinalNorm);
    assert!(
        bert.starts_with("this bert model has no site `final_norm`"),
        "{bert}"
    );
    // A sequential NeoX has it.
    let network = Reference::open("gpt_neox-sequential").network("flex");
    assert!(network.request(&[Site::ResidMid], &Layers::All).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]
    #[test]
    fn a_sequence_alone_and_in_any_batch_gives_the_same(
        length in 1_usize..20,
        companions in 1_usize..24,
        place in 0_usize..24,
        seed in 0_u32..256,
    ) {
        for (name, backend) in REFERENCES.iter().flat_map(|name| BACKENDS.iter().map(move |b| (name, b))) {
            let network = Reference::open(name).network(backend);
            let ids = |s: usize| -> Vec<u32> {
                (0..length).map(|i| (seed + 7 * s as u32 + 13 * i as u32) % 256).collect()
            };
            let sequences: Vec<_> = (0..=companions).map(ids).collect();
            let batch: Vec<_> = sequences.iter().map(Vec::as_slice).collect();
            let place = place % batch.len();
            let sites: Vec<_> = network.sites().collect();
            let alone = record(&network, &[batch[place]], &sites);
            let together = record(&network, &batch, &sites);
            for (alone, together) in alone.iter().zip(&together) {
                let size = length * together.width;
                let ours = &together.values[place * size..(place + 1) * size];
                prop_assert!(relative_error(ours, &alone.values) < tolerance(backend));
            }
        }
    }
}
