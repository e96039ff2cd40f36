"""Read every table of a run with pandas, polars and DuckDB, and check the contract's columns.

    python read_tables.py RUN_DIRECTORY
"""
import hashlib, json, pathlib, sys
import duckdb, numpy as np, pandas as pd, polars as pl

CONTRACT = {
    "words": "item category word rank pair token_ids",
    "activations": "item site layer activation",
    "tokens": "document position token token_id char_start char_end word upos",
    "text_activations": "document position site layer activation",
    "generalization": "site layer neuron n_a n_b auc auc_low auc_high",
    "tvalues": "site layer neuron n mean_a mean_b mean_diff sd_diff t df p log10_p p_adjusted significant prefers cohen_d ci_low ci_high",
}

run = pathlib.Path(sys.argv[1])
found = {path.stem for path in run.glob("*.parquet")}
assert set(CONTRACT) <= found, f"missing: {set(CONTRACT) - found}"
for table in sorted(found):
    # Tables beyond the contract have no columns to check here, but must read alike all the same.
    columns = CONTRACT.get(table, "")
    path = run / f"{table}.parquet"
    pandas, polars = pd.read_parquet(path), pl.read_parquet(path)
    duck = duckdb.sql(f"select * from read_parquet('{path}')")
    for reader, names in (("pandas", pandas.columns), ("polars", polars.columns), ("DuckDB", duck.columns)):
        missing = set(columns.split()) - set(names)
        assert not missing, f"{table}: {reader} misses {missing}"
    rows = duck.count("*").fetchall()[0][0]
    assert rows == len(pandas) == len(polars) > 0, table
    # A token's activations; a table of examples has one number there.
    if "activations" in table:
        # Rows of several sites, or of the shown neurons alone, may differ in width.
        a = np.concatenate(list(pandas.activation.values))
        b = np.concatenate([np.array(row, dtype=np.float32) for row in polars["activation"].to_list()])
        rows_of_duck = duck.select("activation").fetchall()
        c = np.concatenate([np.array(row[0], dtype=np.float32) for row in rows_of_duck])
        assert a.dtype == np.float32 and np.isfinite(a).all() and (a == b).all() and (a == c).all(), table
    print(f"{table}: {rows} rows, the same in pandas, polars and DuckDB")

tvalues = pd.read_parquet(run / "tvalues.parquet")
values = tvalues.t.dropna()
assert np.isfinite(values).all() and tvalues.p.dropna().between(0, 1).all()
assert (tvalues.significant <= tvalues.t.notna()).all() and (tvalues.prefers.notna() == tvalues.significant).all()

manifest = json.loads((run / "manifest.json").read_text())
for stage in ("extract", "stats", "render"):
    for name, facts in manifest[stage]["artifacts"].items():
        assert hashlib.sha256((run / name).read_bytes()).hexdigest() == facts["sha256"], name
print("every artifact has the hash that the manifest gives")
