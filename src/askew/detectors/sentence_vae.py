"""SentenceVAE: a variational autoencoder of sentences that learns from known anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast, final

import torch
from numpy.typing import NDArray
from torch import Tensor

from askew.base import DeepDetector, Scores
from askew.base.preparation.text_rows import TextInput, TokenPreparation
from askew.families.labelled_variational import check_cubo
from askew.families.recipes import main_stage
from askew.families.variational import split_code
from askew.inputs.spec import TextSpec
from askew.inputs.text import Vocabulary
from askew.networks.lstm import SentenceDecoder, SentenceEncoder, WordDropout, lengths, word_embedding
from askew.objectives import cubo, cubo_exponent, elbo, gaussian_kl, reparameterise, token_nll
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step
from askew.training.health import check_codes, check_posterior
from askew.training.stages import linear_warmup, mean_where

_SCORED = 256  # sentences scored at a time: the float64 logits of their tokens take some hundred megabytes


@final
@dataclass(eq=False, repr=False)
class SentenceVAE(DeepDetector):
    r"""LSTM sentence VAE: sentences that read unlike the training's are flagged; known anomalies are pushed away.

    The encoder reads a sentence into a Gaussian code, and a language model writes it again from the code, word by
    word, half of the words it is fed forgotten. Normal and unlabelled sentences minimise
    :math:`-\sum_t\log p(x_t\mid x_{<t},z)+\beta_{KL}\,KL(q(z|x)\,\|\,N(0,I))`; in the last `outlier_epochs`
    epochs known anomalies minimise :math:`\gamma\,\mathrm{CUBO}_2` with the same reconstruction term, encoder
    only. The score is the ELBO with :math:`z=\mu(x)`.

    References: Bowman et al. (2016), Generating Sentences from a Continuous Space; Daniel, Kurutach and Tamar
    (2021), Deep Variational Semi-Supervised Novelty Detection, section 4.1 and Appendix H. *Departures:* the mean of
    the encoder's states makes the code, where Bowman et al. have the last (``pooling="last"``); the decoder is fed the
    code with every word as well, theirs has it as its initial state alone; the KL term's weight rises linearly, theirs
    by a sigmoid; 30 epochs with one sample of CUBO's logarithm, where Daniel et al. have 480 and its exponential.

    X is a list, one-dimensional array or data frame column of strings, one sentence each. Words seen fewer than
    `min_count` times in training are one unknown word.

    Parameters
    ----------
    beta_kl : float
        Weight of the KL term, reached linearly over the first `kl_epochs` epochs.
    beta_cubo, gamma : float
        Weights of the code's part of the CUBO exponent, and of the anomalies' loss.
    n_samples : int
        Monte-Carlo samples of each anomaly's code. With one, CUBO is minus the anomalies' ELBO, which is pushed
        down; with many it is a bound that the encoder alone can only tighten.
    cubo_form : {"log", "exp"}
        The bound itself, or its exponential as printed, which is e^-100 for a sentence and vanishes.
    interval : int
        One step on anomalies after every `interval` steps on normal sentences.
    outlier_epochs : int
        Last epochs, in which there are steps on anomalies; all, if there are no more.
    kl_epochs : int
        Epochs of KL annealing.
    reduction : {"sum", "mean"}
        How the tokens' negative log-likelihoods are put together to :math:`L_R`.
    score_by : {"elbo", "kl"}
        The ELBO, as in the paper, or its KL term alone: how far a code is from the prior. The reconstruction term
        varies by tens of nats with length and rare words, in which other differences drown (docs/sentiment.md).
    word_dropout : float in [0, 1]
        Share of the words fed to the decoder that are forgotten while training.
    pooling : {"mean", "last"}
        Which of the encoder's states make the code; with the last, the paper's, a few dozen labels gained nothing.
    hidden_size, code_size : int
        Length of the LSTMs' states and of the code.
    word_size : int
        Length of a word vector; without meaning if there are `vectors`.
    vectors : path or mapping of word to vector, optional
        What word vectors begin as: a GloVe file (``.txt``, ``.txt.gz`` or ``.npz``), or a mapping, which a saved
        model does not hold. Random, if not given.
    min_count : int
        How often a word must occur in the training sentences to be known.
    min_words, max_words : int
        Fewest and most words of a sentence; others are refused.

    Attributes
    ----------
    vocabulary_ : Vocabulary
        The words it knows.

    Examples
    --------
    >>> texts = ["the film was really very good", "the acting was very good indeed"] * 20
    >>> detector = SentenceVAE(random_state=0).set_params(training__epochs=4).fit(texts)
    >>> good, odd = detector.score_samples([texts[0], "indeed indeed the the film film was"])
    >>> bool(odd < good)
    True
    """

    name: ClassVar[str] = "sentence_vae"
    known_anomalies: ClassVar[str] = "minimises a bound on their likelihood"
    paper: ClassVar[str] = "Bowman et al. 2016; Daniel et al. 2021"
    input_kind: ClassVar[Literal["table", "text"]] = "text"
    takes_images: ClassVar[bool] = False
    uses_labels: ClassVar[bool] = True
    fit_only: ClassVar[frozenset[str]] = frozenset({"vectors"})
    default_training: ClassVar[dict[str, Any]] = dict(epochs=30, lr=2e-3, batch_size=64, clip_grad_norm=5.0)

    beta_kl: float = 1.0
    beta_cubo: float = 1.0
    gamma: float = 1.0
    n_samples: int = 1
    cubo_form: str = "log"
    interval: int = 1
    outlier_epochs: int = 5
    kl_epochs: int = 10
    reduction: str = "sum"
    score_by: str = "elbo"
    word_dropout: float = 0.5
    pooling: str = "mean"
    hidden_size: int = 64
    code_size: int = 16
    word_size: int = 50
    vectors: Any = None
    min_count: int = 2
    min_words: int = 5
    max_words: int = 20

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_cubo(self, ("log", "exp"))
        self._require_not_negative("beta_kl", "1 makes the loss a bound on the likelihood.")
        remedy = "The paper forgets half of the words, 0.5."
        self._require_number("word_dropout", "between 0 and 1", lambda rate: 0 <= rate <= 1, remedy)
        words = {"reduction": ("sum", "mean"), "score_by": ("elbo", "kl"), "pooling": ("mean", "last")}
        for name, choices in words.items():
            self._require_one_of(name, choices, f'Leave it out for "{choices[0]}".')

    def _check_input(self) -> None:
        whole = {"interval": 1, "outlier_epochs": 0, "kl_epochs": 0, "hidden_size": 1, "code_size": 1}
        whole |= {"word_size": 1, "min_count": 1, "min_words": 1}
        for name, least in whole.items():
            self._require_whole(name, least)
        self._require_whole("max_words", int(self.min_words))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _new_input(self, X: Any) -> TextInput:
        return TextInput((int(self.min_words), int(self.max_words)), int(self.min_count))

    def _new_preparation(self) -> TokenPreparation:
        return TokenPreparation(self.vocabulary_, int(self.word_size), self.vectors, type(self).__name__)

    @property
    def vocabulary_(self) -> Vocabulary:
        """The words it knows."""
        return cast("TextInput", self._input).vocabulary

    @property
    def word_size_(self) -> int:
        """Length of a word vector."""
        return cast("TokenPreparation", self._preparation).word_size

    def _end_fit(self) -> None:
        super()._end_fit()
        cast("TokenPreparation", self._preparation).forget()

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._input = learned = self._new_input(None)
        learned.know(Vocabulary(tuple(values["vocabulary"])))
        super()._set_state(values, arrays)

    def _build(self, spec: TextSpec) -> MemberNetworks:
        prepared = cast("TokenPreparation", self._preparation)
        width, hidden, code = prepared.word_size, int(self.hidden_size), int(self.code_size)
        return {
            "words": word_embedding(self.vocabulary_.tokens, width, prepared.vectors),
            "encoder": SentenceEncoder(width, hidden, code, self.pooling),  # type: ignore[arg-type]
            "fed": WordDropout(float(self.word_dropout)),
            "decoder": SentenceDecoder(spec.n_tokens, width, hidden, code),
        }

    def _reconstruction(self, networks: Networks, z: Tensor, tokens: Tensor) -> Tensor:
        """L_R of each sentence (rows,) written from its code z (rows, code)."""
        logits = networks["decoder"](z, networks["words"](networks["fed"](tokens)), tokens)
        return token_nll(logits, tokens, reduction=self.reduction)  # type: ignore[arg-type]

    def _normal_loss(self, networks: Networks, batch: Batch) -> Tensor:
        tokens = _trim(batch.x)
        mu, log_var = _encode(networks, tokens)
        z = reparameterise(mu, log_var, batch.row_noise)
        beta = self.beta_kl * linear_warmup(batch.epoch, int(self.kl_epochs))
        return elbo(self._reconstruction(networks, z, tokens), mu, log_var, beta_kl=beta).mean(-1)

    def _anomaly_loss(self, networks: Networks, batch: Batch) -> Tensor:
        tokens, noise = _trim(batch.x), batch.samples
        mu, log_var = _encode(networks, tokens)
        z = reparameterise(mu, log_var, noise)  # (samples, rows, code)
        repeated = tokens.repeat(len(noise), 1)
        reconstruction = self._reconstruction(networks, z.flatten(0, 1), repeated).reshape(z.shape[:2])
        exponent = cubo_exponent(reconstruction, log_var, noise, z, beta_cubo=self.beta_cubo)
        return mean_where(self.gamma * cubo(exponent, form=self.cubo_form), batch.y < 0)  # type: ignore[arg-type]

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        code, both = int(self.code_size), ("words", "encoder", "decoder")
        start = max(0, settings.epochs - int(self.outlier_epochs))
        noise = (int(self.n_samples), code)
        steps = (
            Step("normal", self._normal_loss, both, "normal", noise=(1, code)),
            Step("anomaly", self._anomaly_loss, ("encoder",), "anomaly", int(self.interval), start, noise),
        )
        return (main_stage(settings, "sentences", steps, _mean_codes),)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        return torch.cat([self._scores_of(member.networks, _trim(rows)) for rows in torch.split(x, _SCORED)])

    def _scores_of(self, networks: Networks, tokens: Tensor) -> Tensor:
        mu, log_var = _encode(networks, tokens)
        if self.score_by == "kl":
            return -gaussian_kl(mu, log_var)
        return -elbo(self._reconstruction(networks, mu, tokens), mu, log_var, beta_kl=self.beta_kl)

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        return _mean_codes(member.networks, x)

    def _code_problem(self, x: Scores) -> str | None:
        networks = self.members_[0].networks
        codes = self._chunked(lambda rows: torch.stack(_encode(networks, _trim(rows)), dim=1), x)
        mu, log_var = torch.from_numpy(codes).unbind(1)
        return check_codes(mu.numpy()) or check_posterior(gaussian_kl(mu, log_var).numpy())


def _trim(tokens: Tensor) -> Tensor:
    """Return tokens (rows, length) without the columns that are padding in all rows."""
    return tokens[:, : int(lengths(tokens).max())]


def _mean_codes(networks: Networks, x: Tensor) -> Tensor:
    return _encode(networks, _trim(x))[0]


def _encode(networks: Networks, tokens: Tensor) -> tuple[Tensor, Tensor]:
    return split_code(networks["encoder"](networks["words"](tokens), tokens))
