"""What methods make of labels, and which of them are compared for that: by the names that runs and papers have."""

VAES = ("vae", "dp_vae", "mml_vae", "mml_dp_vae")
"""The plain VAE, and those that are a plain VAE plus labels."""

VAES_WITH_LABELS = VAES[1:]
"""Each is compared with the plain one, and on images with Deep SAD."""

PLAIN_CLASSIFIERS = ("logistic_regression", "gradient_boosting", "catboost")
"""Classifiers without networks: known anomalies against all other rows."""

SEMI_SUPERVISED = ("deep_sad", *VAES_WITH_LABELS, "ss_dgm", "ss_dgm_m1m2", "kernel_ssad", "ssad_hybrid")
"""Methods that learn what is normal, and from labels what is not; ``supervised`` is of neither kind."""

LABEL_FREE = (
    *("isolation_forest", "kde", "vae", "autoencoder", "deep_svdd", "dagmm", "dsebm"),
    *("if_hybrid", "kde_hybrid"),
)
"""Methods for tables that learn nothing from labels; ``oc_svm`` is not among them: it chooses its kernel by them."""

RUN_WITHOUT_LABELS = (
    *LABEL_FREE,
    *("oc_svm", "oc_svm_hybrid", "dadgt", "adgan", "inclusive_nrf", "anogan", "alad", "skip_ganomaly"),
    *("fence_gan", "waic", "likelihood_ratio"),
)
"""Methods that the papers run without labels on images: at γ_l = 0, whatever the others are given."""

WITHOUT_LABELS = {
    **{name: name for name in ("ama", "ama_known_only")},
    **dict.fromkeys(VAES_WITH_LABELS, "vae"),
    "deep_sad": "deep_svdd",
    "kernel_ssad": "oc_svm",
    "ssad_hybrid": "oc_svm_hybrid",
}
"""What a semi-supervised method is when nothing is labelled; the papers print the one in the other's row."""
