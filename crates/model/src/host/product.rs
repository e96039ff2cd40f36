//! Affine maps.

use rayon::prelude::*;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Outputs that one task computes. A multiple of the rows of every micro-kernel of `gemm` (64 with
/// AVX-512, 24 with AVX2), and few enough that 768 outputs keep four threads busy. It is fixed, so
/// that results do not depend on the number of threads.
const OUTPUTS: usize = 192;

/// A matrix of `inputs` x `outputs`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a> {
    /// The values, without gaps.
    pub(crate) values: &'a [f32],
    /// Rows.
    pub(crate) inputs: usize,
    /// Columns.
    pub(crate) outputs: usize,
    /// Whether the values lie column after column, not row after row.
    pub(crate) columns: bool,
}

impl Matrix<'_> {
    /// Steps from a value to the next one in its column, and in its row.
    fn steps(&self) -> (usize, usize) {
        if self.columns {
            (1, self.inputs)
        } else {
            (self.outputs, 1)
        }
    }
}

/// `x W + b` for each row of `x`.
///
/// The products are those of the library that burn's CPU backend calls too. Called directly it
/// needs no cleared memory: each task puts the bias where its sums will go, and adds them to it
/// while they are in the cache. What `gemm` does on one thread only, rearranging the matrix, is
/// done by all tasks at once.
///
/// # Shapes
/// - `x`: `[rows, inputs]`
/// - result: `[rows, outputs]`
///
/// # Panics
/// When the lengths do not fit together.
#[allow(unsafe_code)]
pub(crate) fn affine(x: &[f32], matrix: Matrix<'_>, bias: Option<&[f32]>) -> Vec<f32> {
    let Matrix {
        values,
        inputs,
        outputs,
        ..
    } = matrix;
    let rows = x.len() / inputs;
    assert_eq!(rows * inputs, x.len(), "rows of {inputs} inputs");
    let weights = inputs.checked_mul(outputs);
    assert_eq!(
        weights,
        Some(values.len()),
        "weights of {inputs} x {outputs}"
    );
    if let Some(bias) = bias {
        assert_eq!(bias.len(), outputs, "a bias for each output");
    }
    let Some(size) = rows.checked_mul(outputs) else {
        panic!("{rows} rows of {outputs} outputs are too many");
    };
    let mut y = Vec::with_capacity(size);
    // Not for its atomicity: to be lent to all tasks.
    let place = AtomicPtr::new(y.spare_capacity_mut().as_mut_ptr());
    let tasks = outputs.div_ceil(OUTPUTS);
    let parallelism = if tasks < rayon::current_num_threads() {
        gemm::Parallelism::Rayon(0)
    } else {
        gemm::Parallelism::None
    };
    (0..tasks).into_par_iter().for_each(|task| {
        let first = task * OUTPUTS;
        let width = OUTPUTS.min(outputs - first);
        let bias = bias.map(|bias| &bias[first..first + width]);
        let (down, across) = matrix.steps();
        // SAFETY: `y` has room for rows x outputs values, `x` and `values` hold what was checked
        // above, and `first + width` is at most `outputs`, so that everything read and written lies
        // within them. No two tasks write the same columns, and nothing reads `y` before the last
        // has ended. With a bias every value of the task's columns is written before `gemm` reads
        // it; without one `gemm` only writes.
        unsafe {
            let y = place.load(Ordering::Relaxed).add(first);
            if let Some(bias) = bias {
                for row in 0..rows {
                    std::slice::from_raw_parts_mut(y.add(row * outputs), width)
                        .write_copy_of_slice(bias);
                }
            }
            gemm::gemm(
                rows,
                width,
                inputs,
                y.cast::<f32>(),
                1,
                outputs as isize,
                bias.is_some(),
                x.as_ptr(),
                1,
                inputs as isize,
                values.as_ptr().add(first * across),
                across as isize,
                down as isize,
                1.0,
                1.0,
                false,
                false,
                false,
                parallelism,
            );
        }
    });
    // SAFETY: the tasks' columns are all columns, and each wrote all its rows.
    unsafe { y.set_len(size) };
    y
}

#[cfg(test)]
mod tests {
    use super::super::numbers::numbers;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn it_is_the_sum_of_products_in_float64(
            rows in 0_usize..70,
            inputs in 1_usize..300,
            outputs in 1_usize..500,
            columns: bool,
            biased: bool,
        ) {
            let x = numbers(rows * inputs, 1);
            let w = numbers(inputs * outputs, 2);
            let b = numbers(outputs, 3);
            let matrix = Matrix { values: &w, inputs, outputs, columns };
            let y = affine(&x, matrix, biased.then_some(&b[..]));
            prop_assert_eq!(y.len(), rows * outputs);
            for (row, y) in y.chunks(outputs).enumerate() {
                for (output, y) in y.iter().enumerate() {
                    let weight = |input| {
                        if columns { w[output * inputs + input] } else { w[input * outputs + output] }
                    };
                    let sum: f64 = (0..inputs)
                        .map(|input| f64::from(x[row * inputs + input]) * f64::from(weight(input)))
                        .sum();
                    let expected = sum + if biased { f64::from(b[output]) } else { 0.0 };
                    prop_assert!((f64::from(*y) - expected).abs() < 1e-4, "{} {}", y, expected);
                }
            }
        }
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let (rows, inputs, outputs) = (300, 700, 1000);
        let (x, w, b) = (
            numbers(rows * inputs, 1),
            numbers(inputs * outputs, 2),
            numbers(outputs, 3),
        );
        let matrix = Matrix {
            values: &w,
            inputs,
            outputs,
            columns: true,
        };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| affine(&x, matrix, Some(&b)))
        };
        let one = on(1);
        // 9 threads are more than there are tasks.
        for threads in [2, 3, 9] {
            assert!(on(threads) == one, "{threads} threads");
        }
    }

    fn four_by_three(x: &[f32], outputs: usize, bias: Option<&[f32]>) -> Vec<f32> {
        let matrix = Matrix {
            values: &numbers(12, 1),
            inputs: 4,
            outputs,
            columns: false,
        };
        affine(x, matrix, bias)
    }

    #[test]
    fn no_rows_give_no_rows() {
        assert!(four_by_three(&[], 3, None).is_empty());
    }

    #[test]
    #[should_panic(expected = "rows of 4 inputs")]
    fn a_row_that_is_cut_off_stops_the_run() {
        four_by_three(&[0.0; 7], 3, None);
    }

    #[test]
    #[should_panic(expected = "a bias for each output")]
    fn a_bias_of_another_width_stops_the_run() {
        four_by_three(&[0.0; 8], 3, Some(&[0.0; 2]));
    }

    #[test]
    #[should_panic(expected = "weights of 4 x 4")]
    fn weights_of_another_width_stop_the_run() {
        four_by_three(&[0.0; 8], 4, None);
    }
}
