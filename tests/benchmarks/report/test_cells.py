"""What stands at the end: reasons are not lost, settings, sizes and versions are all there."""

from report_records import messy, record

from askew.benchmarks.report.cells import row_counts, run_settings, same_messages, versions
from askew.benchmarks.report.method_section import MethodSection

collect = MethodSection.collect


def test_failures_of_a_cell_with_the_same_reason_stand_together():
    found = same_messages(collect(messy())[0].cells, "error")
    assert [(one.method, one.dataset, one.seeds, one.text) for one in found] == [
        ("deep_svdd", "thyroid", "4", "the loss became NaN"),
        ("mml_vae (beta_kl=default)", "cardio", "0–2, 5", "a <b>bad</b> | loss"),
    ]
    (section,) = collect([record("x", "vae", 0, None, error=None)])
    assert same_messages(section.cells, "error")[0].text == "no reason was recorded"
    assert same_messages(section.cells, "warnings") == []


def test_settings_are_one_value_or_one_per_data_set():
    runs = [record(of, "vae", 0, 0.9, {"lr": lr, "n": 5}) for of, lr in (("a", 1e-3), ("b", 5e-4))]
    runs += [record("a", "isolation_forest", 0, 0.8), record("a", "x", 0, 0.1, {"network": "mlp", "n": None})]
    (section,) = collect(runs)
    by_method = run_settings(section.cells, section.methods, section.datasets)
    found = {(method, one.name): one.texts for method, parameters in by_method for one in parameters}
    assert found == {
        ("vae", "lr"): ("0.001", "0.0005"),
        ("vae", "n"): ("5",),
        ("isolation_forest", "all"): ("defaults",),
        ("x", "network"): ("mlp",),
        ("x", "n"): ("null",),
    }


def test_sizes_and_versions():
    runs = [record("a", "vae", 0, 0.9), record("a", "vae", 1, 0.9, n_train=1200, versions={"askew": "0.2"})]
    runs[1] = record("a", "vae", 1, 0.9, n_train=1200, versions={"askew": "0.2"}, started="2026-11-21T01:00")
    (section,) = collect(runs)
    assert row_counts(section.cells, section.datasets) == [("a", "100–1,200", "3", "80")]
    assert versions(runs) == [
        ("askew", "0.1.0 (1 run), 0.2 (1 run)"),
        ("torch", "2.13.0 (1 run), not recorded (1 run)"),
        ("run on", "2026-11-20 to 2026-11-21"),
        ("time spent fitting", "4 s"),
    ]
