//! What must hold of every model without any reference: the residual stream adds up, and a sequence
//! does not feel the company it is computed in.

use super::reference::{BACKENDS, Reference, record, relative_error, tolerance};
use crate::batch::TokenBatch;
use crate::device;
use crate::hook::{Chain, Hook};
use crate::network::Network;
use crate::ops::operations::Norm;
use crate::parts;
use crate::parts::block::Block;
use crate::recorder::{Recorded, Recorder};
use crate::spec::outline::Outline;
use crate::spec::sequences::Sequences;
use burn::tensor::{Tensor, TensorData};
use proptest::prelude::*;
use selectron_run::Place;
use selectron_run::Site;
use selectron_run::pipeline::Layers;
use std::ops::ControlFlow;

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
    for name in Reference::names() {
        let reference = Reference::open(&name);
        let network = reference.network("flex");
        let assembly = reference.assembly();
        let ids = reference.sequences().pop().unwrap();
        let pass = Pass::of(&network, &ids);
        let at = |site, layer| pass.at(site, layer).unwrap();
        assert_eq!(at(Site::Embed, 0), at(Site::ResidPre, 0));
        let hidden = network.shape().hidden;
        let normed = |norm: &Option<Norm>, rows: &[f32]| normed(norm.as_ref(), rows, hidden);
        for layer in 0..network.shape().layers {
            let block = assembly.block(layer).unwrap();
            let (attention, mlp) = (&block.attention, &block.mlp);
            let (pre, post) = (at(Site::ResidPre, layer), at(Site::ResidPost, layer));
            let attended = normed(&attention.after, at(Site::AttnOut, layer));
            let made = normed(&mlp.after, at(Site::MlpOut, layer));
            match pass.at(Site::ResidMid, layer) {
                None => assert!(relative_error(&sum(&[&made, &attended, pre]), post) < 1e-6),
                // What normalises is checked by itself, in float64.
                Some(mid) => {
                    let ours = normed(&attention.on_stream, &sum(&[pre, &attended]));
                    assert_eq!(ours, mid, "{name}");
                    let ours = normed(&mlp.on_stream, &sum(&[mid, &made]));
                    assert_eq!(ours, post, "{name}");
                }
            }
            if layer > 0 {
                assert_eq!(at(Site::ResidPost, layer - 1), pre);
            }
        }
    }
}

/// Rows after a normalisation, where there is one.
fn normed(norm: Option<&Norm>, rows: &[f32], hidden: usize) -> Vec<f32> {
    let Some(norm) = norm else {
        return rows.to_vec();
    };
    let device = device::open("flex").unwrap().device;
    let shape = [1, rows.len() / hidden, hidden];
    let rows = Tensor::<3>::from_data(TensorData::new(rows.to_vec(), shape), &device);
    norm.with_input(rows).1.into_data().try_into_vec().unwrap()
}

#[test]
fn a_parallel_block_with_one_norm_is_one_with_the_same_norm_twice() {
    let reference = Reference::open("gpt_neox");
    let (assembly, ops) = (reference.assembly(), device::open("flex").unwrap().ops);
    let (mut once, mut twice) = (assembly.block(0).unwrap(), assembly.block(0).unwrap());
    once.mlp.before = None;
    twice.mlp.before = assembly.block(0).unwrap().attention.before;
    let Outline { shape, rotary, .. } = assembly.outline();
    let sequences = Sequences::new(vec![3], 0);
    let pass = parts::pass::Pass::new(&*ops, &sequences, rotary.as_ref());
    let run = |block: &Block| -> Vec<f32> {
        let x = (0..3 * shape.hidden)
            .map(|i| (i % 7) as f32 - 2.5)
            .collect();
        let x = TensorData::new::<f32, _>(x, [1, 3, shape.hidden]);
        let x = Tensor::<3>::from_data(x, ops.device());
        match block.forward(x, &pass, 0, &mut Chain::new([])) {
            ControlFlow::Continue(y) => y.into_data().try_into_vec().unwrap(),
            ControlFlow::Break(()) => panic!("no hook ends the pass"),
        }
    };
    assert_eq!(run(&once), run(&twice));
    assert_ne!(run(&once), run(&assembly.block(0).unwrap()));
}

/// Sets the neurons of a layer to zero.
struct Silence {
    layer: usize,
}

impl Hook for Silence {
    fn wants(&self, place: Place) -> bool {
        place == Place::new(Site::MlpPost, self.layer)
    }

    fn at(&mut self, _: Place, activations: Tensor<3>) -> ControlFlow<(), Tensor<3>> {
        ControlFlow::Continue(activations.zeros_like())
    }
}

#[test]
fn what_a_hook_changes_the_pass_goes_on_with() {
    for name in Reference::names() {
        let network = Reference::open(&name).network("flex");
        let batch = TokenBatch::new(&[&[1, 2, 3], &[4, 5]]).unwrap();
        let sites = [Site::MlpPost, Site::MlpOut, Site::ResidPost];
        let request = network.request(&sites, &Layers::All).unwrap();
        let mut changed = Vec::new();
        let mut sink = |recorded: Recorded<'_>| {
            changed.push(recorded.into_owned());
            Ok(())
        };
        let mut recorder = Recorder::new(&request, &*network.compute().ops, &mut sink);
        let mut silence = Silence { layer: 1 };
        let hooks: [&mut dyn Hook; 2] = [&mut silence, &mut recorder];
        network.run(&batch, &mut Chain::new(hooks)).unwrap();
        recorder.finish().unwrap();
        let unchanged = record(&network, &[&[1, 2, 3], &[4, 5]], &sites);
        for (changed, unchanged) in changed.iter().zip(&unchanged) {
            assert_eq!(
                (changed.site, changed.layer),
                (unchanged.site, unchanged.layer)
            );
            let alike = changed.values == unchanged.values;
            assert_eq!(alike, changed.layer == 0, "{name} {}", changed.site);
            // Without neurons only the bias of the down projection is left, the same for every token.
            if (changed.site, changed.layer) == (Site::MlpOut, 1) {
                assert_eq!(changed.token(0, 0), changed.token(1, 1), "{name}");
            }
        }
    }
}

/// Asks that nothing be computed for several sequences at once, and counts the rows.
struct Alone {
    rows: usize,
}

impl Hook for Alone {
    fn may_share_prefix(&self) -> bool {
        false
    }

    fn wants(&self, place: Place) -> bool {
        place.site == Site::Embed
    }

    fn at(&mut self, _: Place, activations: Tensor<3>) -> ControlFlow<(), Tensor<3>> {
        let [batch, length, _] = activations.dims();
        self.rows = batch * length;
        ControlFlow::Break(())
    }
}

#[test]
fn a_hook_may_forbid_that_a_prefix_is_shared() {
    let network = Reference::open("gpt_neo").network("flex");
    let batch = TokenBatch::new(&[&[7, 2, 3], &[7, 5]]).unwrap();
    let mut alone = Alone { rows: 0 };
    network.run(&batch, &mut alone).unwrap();
    assert_eq!(alone.rows, 5);
    let shared = record(&network, &[&[7, 2, 3], &[7, 5]], &[Site::Embed]);
    assert_eq!(shared[0].values.len() / shared[0].width, 4);
}

#[test]
fn the_pass_stops_when_it_has_what_was_asked_for() {
    for name in Reference::names() {
        let network = Reference::open(&name).network("flex");
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
        let names = Reference::names();
        for (name, backend) in names.iter().flat_map(|name| BACKENDS.iter().map(move |b| (name, b))) {
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
