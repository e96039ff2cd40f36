//! Whether the word lists differ in something else than their category.

use super::super::table::{NONE, Table, number};
use super::super::wording;
use super::check::Check;
use crate::data::Run;
use crate::numbers::{count, fixed, plain_probability};
use selectron_tables::rows::BalanceRow;

/// The balance tables, one for each two categories that were compared.
pub(super) fn check(run: &Run) -> Option<Check> {
    let rows = &run.checks.balance;
    if rows.is_empty() {
        return None;
    }
    let text = format!(
        "A neuron that seems to tell the categories apart may follow the words’ length or \
         frequency instead. So each property was averaged over the words of a category, and the \
         two means compared by Welch’s t-test. t is their difference in standard errors; p is how \
         often two lists drawn from the same words would differ at least as much. Where p is at \
         most {}, the row is marked ≠.",
        wording::level(run.stats.alpha)
    );
    let mut check = Check::new(
        "Do the words differ in something else?",
        &text,
        "A row without the mark does not show that the lists are alike in it, only that no \
         difference was seen; and properties that are not listed, such as meaning, were not \
         compared.",
    );
    check = check
        .note(main_difference(run))
        .note(control_differences(run));
    for rows in rows.chunk_by(same) {
        check = check.table(table(rows));
    }
    Some(check)
}

/// Whether rows of two categories are those of A and B.
fn is_main(run: &Run, row: &BalanceRow) -> bool {
    (&row.category_a, &row.category_b) == (&run.stats.category_a, &run.stats.category_b)
}

/// What A and B differ in, as a sentence.
fn main_difference(run: &Run) -> Option<String> {
    let differing = differing(run.checks.balance.iter().filter(|row| is_main(run, row)));
    let (a, b, properties) = differing.first()?;
    Some(format!(
        "The {a} and {b} words differ in {properties}, which a neuron may follow instead of the \
         category."
    ))
}

/// What A or B and the control categories differ in, as a sentence.
fn control_differences(run: &Run) -> Option<String> {
    let controls = run.checks.balance.iter().filter(|row| !is_main(run, row));
    let phrases: Vec<_> = differing(controls)
        .into_iter()
        .map(|(a, b, properties)| format!("{a} and {b} in {properties}"))
        .collect();
    (!phrases.is_empty()).then(|| {
        format!(
            "Words of control categories differ, too: {}.",
            phrases.join("; ")
        )
    })
}

/// Pairs of categories that differ, in order, with the properties that they differ in.
fn differing<'a>(rows: impl Iterator<Item = &'a BalanceRow>) -> Vec<(&'a str, &'a str, String)> {
    let differing: Vec<_> = rows.filter(|row| row.differs).collect();
    let pairs = differing.chunk_by(|one, other| same(one, other));
    pairs
        .map(|rows| {
            let first = &rows[0];
            let properties: Vec<_> = rows
                .iter()
                .map(|row| wording::property(row.property))
                .collect();
            (
                first.category_a.as_str(),
                first.category_b.as_str(),
                wording::list(&properties),
            )
        })
        .collect()
}

/// Whether two rows compare the same categories.
fn same(one: &BalanceRow, other: &BalanceRow) -> bool {
    (&one.category_a, &one.category_b) == (&other.category_a, &other.category_b)
}

fn table(rows: &[BalanceRow]) -> Table {
    let first = &rows[0];
    let (a, b) = (&first.category_a, &first.category_b);
    let caption = format!(
        "{a} ({} words) and {b} ({} words)",
        count(first.n_a),
        count(first.n_b)
    );
    let head = [
        "Property",
        &format!("Mean, {a}"),
        &format!("Mean, {b}"),
        "Difference",
        "t",
        "p",
        "Differs",
    ];
    let mut table = Table::new(&caption, head);
    for row in rows {
        let cells = [
            wording::measured_property(row.property).to_owned(),
            fixed(row.mean_a, 3),
            fixed(row.mean_b, 3),
            fixed(row.mean_diff, 3),
            number(row.t, 2),
            row.p.map_or_else(|| NONE.to_owned(), plain_probability),
            if row.differs { "≠ yes" } else { "no" }.to_owned(),
        ];
        table.row(cells, row.differs);
    }
    table
}
